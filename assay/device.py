"""Which device a training runs on."""

from __future__ import annotations

import torch

from assay.errors import InputError


def choose_device(name: str | torch.device | None = None) -> torch.device:
    """The named device, or the first accelerator, or the CPU.

    Raises:
        InputError: a GPU is asked for and PyTorch sees none.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {name!r} was asked for, but PyTorch sees no GPU; leave --device out or use cpu")
    return device
