"""Checkpoints: whole or not at all, for their own training only, and never code."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from assay.errors import InputError
from assay.training.checkpoint import load_checkpoint, save_checkpoint

IDENTITY = {"recipe": "r", "data": "d", "seed": 0}


def test_what_is_saved_is_loaded(tmp_path: Path):
    path = tmp_path / "new" / "folder" / "t.checkpoint"
    weights = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    state = {"step": 7, "seconds": 0.1, "nothing": None, "weights": {"w": weights}, "list": [[1.0, float("inf")]]}
    save_checkpoint(path, IDENTITY, state)
    loaded = load_checkpoint(path, IDENTITY)
    assert torch.equal(loaded.pop("weights")["w"], state.pop("weights")["w"])
    assert loaded == state
    assert os.listdir(path.parent) == ["t.checkpoint"]


def test_a_writing_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch):
    path = tmp_path / "t.checkpoint"
    save_checkpoint(path, IDENTITY, {"step": 1})

    def stop_halfway(value, file):
        file.write(b"half of it")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", stop_halfway)
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(path, IDENTITY, {"step": 2})
    assert load_checkpoint(path, IDENTITY) == {"step": 1}
    save_checkpoint(path, IDENTITY, {"step": 3})
    assert load_checkpoint(path, IDENTITY) == {"step": 3}


@pytest.mark.parametrize(
    ("other", "names"),
    [({"seed": 1}, "seed"), ({"recipe": "x", "data": "y"}, "recipe, data"), ({"data": "y", "seed": 2}, "data, seed")],
)
def test_refuses_another_training(tmp_path: Path, other: dict[str, object], names: str):
    save_checkpoint(tmp_path / "t", IDENTITY, {})
    with pytest.raises(InputError, match=f"t: belongs to another {names}; use another --out, or delete it"):
        load_checkpoint(tmp_path / "t", {**IDENTITY, **other})


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 a torn archive"], ids=repr)
def test_refuses_a_damaged_file(tmp_path: Path, content: bytes):
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(InputError, match=r"t: not a readable checkpoint \(\w+\); delete it to start afresh$"):
        load_checkpoint(tmp_path / "t", IDENTITY)


@pytest.mark.parametrize("value", [[1, 2], {"other": 1}, {"identity": 3, "state": {}}], ids=repr)
def test_refuses_a_file_of_something_else(tmp_path: Path, value: object):
    torch.save(value, tmp_path / "t")
    with pytest.raises(InputError, match="t: not a readable checkpoint"):
        load_checkpoint(tmp_path / "t", IDENTITY)


class RunsCode:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return (os.mkdir, (str(self.trace),))


def test_runs_no_code(tmp_path: Path):
    trace = tmp_path / "trace"
    (tmp_path / "pickle").write_bytes(pickle.dumps(RunsCode(trace)))
    torch.save({"identity": IDENTITY, "state": RunsCode(trace)}, tmp_path / "archive")
    for name in ("pickle", "archive"):
        with pytest.raises(InputError, match=f"{name}: not a readable checkpoint"):
            load_checkpoint(tmp_path / name, IDENTITY)
    assert not trace.exists()
