"""Doubling to a limit on tiny data, and on a GPU."""

from __future__ import annotations

import pytest
import torch

from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.tricks.step.gradient_accumulation import GradientAccumulation
from assay.tuning.largest_batch import find_largest_batch, measure_peak

RECIPE = Recipe(model=ResNet(width=4), optimizer=SGD(), epochs=1)
CPU = torch.device("cpu")

pytestmark = pytest.mark.slow


def test_the_optimizers_state_is_counted(tiny_images: Data) -> None:
    model = MLP((256,))
    sgd = measure_peak(Recipe(model=model, optimizer=SGD(momentum=0.0)), tiny_images, batch_size=2, device=CPU)
    adamw = measure_peak(Recipe(model=model, optimizer=AdamW()), tiny_images, batch_size=2, device=CPU)
    assert sgd is not None
    assert adamw is not None
    weights = 4 * (64 * 256 + 256 + 256 * 4 + 4)
    assert adamw - sgd == pytest.approx(2 * weights, rel=0.05)


def test_doubles_to_the_limit(tiny_images: Data) -> None:
    peaks = {size: measure_peak(RECIPE, tiny_images, batch_size=size, device=CPU) or 0 for size in (2, 4, 8)}
    assert peaks[2] < peaks[4] < peaks[8]
    assert peaks[8] - peaks[4] == pytest.approx(2 * (peaks[4] - peaks[2]), rel=0.1), "activations grow with the batch"
    limit = (peaks[4] + peaks[8]) // 2
    found = find_largest_batch(RECIPE, tiny_images, memory_limit_bytes=limit, start=2, device="cpu")
    assert found.batch_size == 4
    assert found.peak_bytes == peaks


def test_never_beyond_the_split(tiny_images: Data) -> None:
    found = find_largest_batch(RECIPE, tiny_images, memory_limit_bytes=2**40, start=5, device="cpu")
    assert found.batch_size == 20
    assert set(found.peak_bytes) == {5, 10, 20}


def test_accumulation_makes_room(tiny_images: Data) -> None:
    whole = measure_peak(RECIPE, tiny_images, batch_size=24, device=CPU)
    parts = measure_peak(RECIPE | GradientAccumulation(4), tiny_images, batch_size=24, device=CPU)
    assert whole is not None
    assert parts is not None
    assert parts < 0.6 * whole


def test_what_cannot_be_is_refused(tiny_images: Data) -> None:
    with pytest.raises(InputError, match=r"a batch of 4 needs more memory than there is: \d+ bytes; use a smaller"):
        find_largest_batch(RECIPE, tiny_images, memory_limit_bytes=1000, start=4, device="cpu")
    with pytest.raises(ValueError, match="memory_limit_bytes is needed on a CPU"):
        find_largest_batch(RECIPE, tiny_images, device="cpu")
    with pytest.raises(ValueError, match="start must be at least 1 example, got 0"):
        find_largest_batch(RECIPE, tiny_images, memory_limit_bytes=1000, start=0, device="cpu")


@pytest.mark.gpu
def test_on_a_gpu_the_allocator_says(tiny_images: Data) -> None:
    found = find_largest_batch(RECIPE, tiny_images, start=4, device="cuda")
    assert found.batch_size == 16
    assert all(peak is not None and peak > 0 for peak in found.peak_bytes.values())
