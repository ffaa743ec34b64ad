"""Which device a training runs on."""

from __future__ import annotations

import torch

from assay.errors import InputError

KNOWN = ("cpu", "cuda")


def choose_device(name: str | torch.device | None = None) -> torch.device:
    """The named device, or the first accelerator, or the CPU.

    Raises:
        InputError: not a device this package knows, or one that PyTorch does not see here.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in KNOWN:
        raise InputError(f"device {str(name)!r} is not one of {', '.join(KNOWN)}; leave --device out or use cpu")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        seen = torch.cuda.device_count() or "no"
        raise InputError(
            f"device {str(name)!r} was asked for, but PyTorch sees {seen} GPU; leave --device out or use cpu"
        )
    return device


def multiplies_bf16(device: torch.device | None = None) -> bool:
    """Whether the device, by default the one that is chosen, has bf16 arithmetic; emulated it is slow."""
    device = device or choose_device()
    if device.type == "cuda":
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported()
