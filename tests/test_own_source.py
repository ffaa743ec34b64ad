"""Parts of a user's own are found again by their code too: an edited network is not taken for what it was."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assay.models.mlp import MLP
from assay.own_source import is_own, own_code
from assay.recipe import Recipe
from assay.tricks.average.ema import EMA

MODELS = """
from dataclasses import dataclass

from torch import nn

import layers
from layers import narrow

SCALES = {"inputs": (1.0, 2.0)}
BEYOND = 3


class Net(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.line = nn.Linear(inputs, narrow(outputs))

    def forward(self, x):
        return layers.squash(self.line(x.flatten(1)) * SCALES["inputs"][0])


@dataclass(frozen=True)
class MyModel:
    width: int = 4

    def build(self, input_shape, num_outputs):
        return Net(input_shape[0], num_outputs)


def unrelated():
    return 1
"""
LAYERS = """
from functools import cache

ROOM = 1


@cache
def narrow(number):
    return number * ROOM


def squash(x):
    return x.tanh()


def unused():
    return 2
"""


class Modules:
    """Writes two modules of a user's and imports them anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, models: str = MODELS, layers: str = LAYERS) -> str:
        for name, text in (("layers", layers), ("models_of_mine", models)):
            (self.folder / f"{name}.py").write_text(text)
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        module: ModuleType = importlib.import_module("models_of_mine")
        return Recipe(module.MyModel()).key()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # it is found again by the second and size of its source
    # Source is read by time and size of its file; both may be the same within one test.
    monkeypatch.setattr("inspect.linecache.checkcache", lambda *_: importlib.import_module("linecache").clearcache())
    yield Modules(tmp_path)
    for name in ("layers", "models_of_mine"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Net(input_shape[0], num_outputs)", "Net(input_shape[0], num_outputs).double()"),
        ("self.line(x.flatten(1))", "self.line(-x.flatten(1))"),
        ("number * ROOM", "number * ROOM * 2"),
        ("ROOM = 1", "ROOM = 2"),
        ("(1.0, 2.0)", "(1.5, 2.0)"),
        ("x.tanh()", "x.sigmoid()"),
    ],
)
def test_an_edit_of_what_a_part_does_is_another_key(modules: Modules, before: str, after: str):
    assert (before in MODELS) + (before in LAYERS) == 1
    assert modules.key() != modules.key(MODELS.replace(before, after), LAYERS.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return 1", "return 10"),
        ("return 2", "return 20"),
        ("BEYOND = 3", "BEYOND = 4"),
        ("class Net(nn.Module):", "class Net(nn.Module):  # a line"),
        ("class MyModel:", 'class MyModel:\n    """Words."""\n'),
    ],
)
def test_words_and_what_it_does_not_name_do_not_count(modules: Modules, before: str, after: str):
    assert modules.key() == modules.key(MODELS.replace(before, after), LAYERS.replace(before, after))


def test_code_without_a_source_counts_as_it_was_compiled(monkeypatch: pytest.MonkeyPatch):
    def digest(value: str) -> list[str]:
        module = ModuleType("typed_in")
        monkeypatch.setitem(sys.modules, "typed_in", module)
        text = f"@dataclass(frozen=True)\nclass Loss:\n    def __call__(self, outputs, targets): return {value}"
        exec(f"import torch\nfrom dataclasses import dataclass\n{text}", vars(module))
        return own_code((module.Loss(),))

    written = ("1.5", "2.5", "torch.relu(outputs)", "torch.tanh(outputs)", "outputs in {1, 2, 3}")
    assert [digest(value) for value in written] == [digest(value) for value in written]
    assert len({tuple(digest(value)) for value in written}) == len(written)


def test_what_a_class_names_may_be_defined_anew_beside_it(monkeypatch: pytest.MonkeyPatch):
    module = ModuleType("typed_in")
    monkeypatch.setitem(sys.modules, "typed_in", module)
    model = "@dataclass(frozen=True)\nclass Model:\n    def build(self, shape, outputs): return net()"
    exec(f"from dataclasses import dataclass\ndef net(): return 1\n{model}", vars(module))
    before = own_code((module.Model(),))
    exec("def net(): return 2", vars(module))
    assert own_code((module.Model(),)) != before


def test_parts_of_assay_and_of_packages_are_not_own():
    assert own_code((MLP(), EMA())) == []
    assert not is_own(pytest.Class)
    assert not is_own(Path)
    assert is_own(Modules)
