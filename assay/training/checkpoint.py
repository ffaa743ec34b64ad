"""Checkpoints: written whole or not at all, read only into the training that wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from assay.errors import InputError
from assay.whole_file import replacing


class OtherTrainingError(InputError):
    """A checkpoint is whole, and of another training."""


def save_checkpoint(path: Path, identity: dict[str, Any], state: dict[str, Any]) -> None:
    """Replace `path` whole: a kill at any moment leaves the old file or the new one."""
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        torch.save({"identity": identity, "state": state}, file)


def load_checkpoint(path: Path, identity: dict[str, Any]) -> dict[str, Any]:
    """The state in `path`; tensors and plain values only, so a checkpoint cannot run code.

    Raises:
        InputError: unreadable.
        OtherTrainingError: written by another recipe, data set or seed; names what differs.
    """
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        state, found = saved["state"], dict(saved["identity"])
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror or error}); check its permissions and disk"
        ) from error
    except MemoryError:
        raise
    except Exception as error:
        # PyTorch's own text runs over many lines and advises to load the file with code in it.
        raise InputError(
            f"{path}: not a readable checkpoint ({type(error).__name__}); delete it to start afresh"
        ) from error
    differing = [name for name, value in identity.items() if found.get(name) != value]
    if differing:
        raise OtherTrainingError(f"{path}: belongs to another {', '.join(differing)}; use another --out, or delete it")
    return state
