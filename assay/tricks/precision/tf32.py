"""TF32: float32 matrix products with 10 bits of mantissa, on the tensor cores of NVIDIA GPUs since Ampere.

    products of float32 matrices: operands rounded to 10 bits of mantissa, sums in float32

Numbers keep float32's range, so nothing needs a scale, and weights and activations stay float32: memory is not
saved, only time. PyTorch's setting is global: it is set for the forward pass and put back after it, so it
reaches no product of the backward pass, nor anyone else's. Convolutions on these GPUs run so by default. A
processor without such cores computes as before.

Source: PyTorch's `torch.set_float32_matmul_precision("high")`; NVIDIA's Ampere white paper, 2020.
Measured: no figure read by us.
Hurts: products whose operands differ by less than 1 in 1,000, as in distances between near points.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from assay.recipe import Recipe


@contextmanager
def matmul_precision(precision: str) -> Iterator[None]:
    """Set how float32 matrices are multiplied inside the block, and put it back after it."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@dataclass(frozen=True)
class TF32:
    """Forward passes whose float32 products may use TF32. It fills the slot with itself."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, precision=self)

    def autocast(self, device_type: str) -> AbstractContextManager[Any]:
        """The context of the forward pass; of a processor, nothing."""
        return matmul_precision("high") if device_type == "cuda" else nullcontext()

    def make_scaler(self, device_type: str) -> torch.amp.GradScaler | None:
        """None: the format has float32's range."""
        return None
