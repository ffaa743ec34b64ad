"""Mixed precision: matrix products in 16 bits, weights and sums in 32.

    outputs = model(inputs), with products in `dtype`
    fp16: gradients of (scale * loss), divided by scale before anything reads them; a step whose gradients
    overflow is skipped and halves the scale, 2,000 steps without overflow double it
    bf16: has float32's range, so it needs no scale

The weights the optimiser holds stay float32. On a CPU both formats run; bf16 pays only where the processor
multiplies in it (AMX or AVX512-BF16), and fp16 is slower than float32.

Also: AMP, bfloat16, float16.
Source: Micikevicius et al. 2017 (arXiv:1710.03740), section 3.
Measured: ImageNet ResNet-50 75.92 -> 76.04 top-1 (Micikevicius et al. 2017, table 1); 13.3 -> 4.4 minutes per epoch
together with batches of 1024 in place of 256, 75.87 -> 76.21 top-1 (He et al. 2018, table 3).
Hurts: fp16 without a scale: SSD diverges (Micikevicius et al. 2017, table 2); fp16 weights without a float32 copy:
CIFAR-10 error 8.07 -> 19.09 % at batch 1024 (hysts/pytorch_image_classification).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from assay.recipe import Recipe

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def half_precision(dtype: str, device_type: str) -> torch.autocast:
    """A context in which PyTorch runs what is safe in 16 bits so, and the rest in float32.

    Raises:
        ValueError: dtype is neither "bf16" nor "fp16".
    """
    _check_dtype(dtype)
    return torch.autocast(device_type, dtype=DTYPES[dtype])


@dataclass(frozen=True)
class MixedPrecision:
    """Forward passes in 16 bits. It fills the slot with itself. dtype: `bf16`, or `fp16` with a scaled loss."""

    dtype: Literal["bf16", "fp16"] = "bf16"

    def __post_init__(self) -> None:
        _check_dtype(self.dtype)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, precision=self)

    def autocast(self, device_type: str) -> torch.autocast:
        """The context of the forward pass."""
        return half_precision(self.dtype, device_type)

    def make_scaler(self, device_type: str) -> torch.amp.GradScaler | None:
        """The loss scale of one training, or None where the format needs none."""
        return torch.amp.GradScaler(device_type) if self.dtype == "fp16" else None


def _check_dtype(dtype: str) -> None:
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be 'bf16' or 'fp16', got {dtype!r}; bf16 is the safe one")
