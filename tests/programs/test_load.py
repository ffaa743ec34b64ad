import sys
from types import SimpleNamespace

import pytest
import torch
from program_pieces import loader, network
from torch import nn

from assay.errors import InputError
from assay.programs.load import is_program_name, load_program, program_arguments

SOURCE = """
import torch
from torch import nn

weights = None

def pipeline():
    model = nn.Linear(5, 3)
    batch = (torch.randn(8, 5), torch.arange(8) % 3)
    return model, [batch], nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), 0.1)

class Group:
    pipeline = staticmethod(pipeline)

def crash():
    return {}["no such key"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "own_project").mkdir()
    (tmp_path / "own_project" / "train.py").write_text(SOURCE)
    (tmp_path / "own_project" / "broken.py").write_text("import no_such_library\n")
    (tmp_path / "own_project" / "unready.py").write_text("1 / 0\n")
    yield
    for name in [name for name in sys.modules if name.startswith("own_project")]:
        del sys.modules[name]


def test_a_function_is_found_from_here_and_gives_the_same_weights_for_a_seed():
    first, second, other = (load_program("own_project.train:pipeline", seed=seed)["model"].weight for seed in (3, 3, 4))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert "model" in load_program("own_project.train:Group.pipeline")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.train:pipeline", "there is no module 'nowhere' here; run the command in the folder that holds it"),
        ("own_project.trian:pipeline", "there is no module 'own_project.trian' here"),
        ("own_project.broken:pipeline", r"own_project/broken.py:1: No module named 'no_such_library'; install"),
        ("own_project.unready:pipeline", r"own_project/unready.py:1: ZeroDivisionError"),
        ("own_project.train:pipelin", "has no 'pipelin'; did you mean 'pipeline'"),
        ("own_project.train:weights", "must be a function without arguments, got NoneType"),
        ("own_project.train:crash", r"own_project/train.py:\d+: KeyError: 'no such key'; run it by itself"),
    ],
)
def test_what_cannot_be_loaded_is_told_with_its_place(name, message):
    with pytest.raises(InputError, match=message):
        load_program(name)


def given():
    model = network()
    return {
        "model": model,
        "train_loader": loader(),
        "loss_fn": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
    }


def test_mappings_and_tuples_are_taken():
    arguments = given()
    assert program_arguments(arguments, "x") == arguments
    assert program_arguments(tuple(arguments.values()), "x") == arguments
    assert program_arguments((*arguments.values(), None), "x") == {**arguments, "val_loader": None}


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "x: must return a mapping or a tuple of model, train_loader, .* got NoneType"),
        ((1, 2, 3), "got tuple of 3"),
        ({"modle": 1}, "'modle' is no argument of assay.verify; did you mean 'model'"),
        ({"model": 1, "optimizer": 2}, "train_loader, loss_fn missing from what it returns; add 'train_loader'"),
        (SimpleNamespace(model=1), "got SimpleNamespace"),
    ],
)
def test_other_returned_things_are_refused(returned, message):
    with pytest.raises(InputError, match=message):
        program_arguments(returned, "x")


def test_names_of_programs_and_of_files():
    assert is_program_name("own_project.train:pipeline")
    for other in ("digits", "photos/", "data.csv", "c:\\data", "https://example.org:80", "a:b:c"):
        assert not is_program_name(other)
