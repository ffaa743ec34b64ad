"""A trained network as one file that needs none of its code: what distillation learns from.

    save_teacher(network, inputs, "teacher.pt2")        any PyTorch network, traced by torch.export

The file holds operations and weights, in evaluation mode, for batches of any size, and for images of any size
where the network takes them.
"""

from __future__ import annotations

import copy
import zipfile
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from assay.errors import InputError


def save_teacher(model: nn.Module, inputs: Tensor, path: str | Path) -> None:
    """Write `model` as it is in evaluation mode; the model itself is left alone.

    Args:
        inputs: (batch, ...) normalised inputs of the kind it will see; only their shape counts.
    """
    teacher = copy.deepcopy(model).cpu().eval()
    # A batch of one would be taken for a constant.
    example = torch.cat([inputs, inputs])[:2].detach().cpu()
    any_size = {0: torch.export.Dim.DYNAMIC, **dict.fromkeys(range(2, example.dim()), torch.export.Dim.AUTO)}
    torch.export.save(torch.export.export(teacher, (example,), dynamic_shapes=(any_size,)), Path(path))


def load_teacher(path: str | Path, device: torch.device) -> nn.Module:
    """The network in the file, on `device`; asked again for an unchanged file, the same one.

    Raises:
        InputError: no such file, or it is not one that `save_teacher` wrote.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no teacher there; write one with assay.models.teacher.save_teacher")
    if not zipfile.is_zipfile(path):
        raise InputError(
            f"{path}: not a network saved by torch.export; write it with assay.models.teacher.save_teacher"
        )
    return _load(path, path.stat().st_mtime_ns, str(device))


@lru_cache(maxsize=2)
def _load(path: Path, _: int, device: str) -> nn.Module:
    """Read the file; the second argument tells a rewritten file from the old one."""
    from torch.export.passes import move_to_device_pass

    try:
        program = torch.export.load(path)
    except Exception as error:  # What a wrong archive raises is not documented.
        raise InputError(f"{path}: not a network saved by torch.export ({type(error).__name__}: {error})") from error
    if device != "cpu":
        program = move_to_device_pass(program, device)
    return program.module()
