"""Clipping and dead channels by hand, and on signals that only look like it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from assay.audit.signals.measures import measure_signal

LENGTH = 100


def sines(n: int = 50, amplitude: float = 1.0) -> Tensor:
    generator = torch.Generator().manual_seed(404)
    phase, periods = 6.3 * torch.rand(n, 1, generator=generator), 1 + 4 * torch.rand(n, 1, generator=generator)
    return amplitude * (6.2832 * periods * torch.arange(LENGTH) / LENGTH + phase).sin()


def clipped_of(values: Tensor) -> Tensor:
    return measure_signal(values)[:, 0]


def test_clipped_by_hand() -> None:
    """Six of 20 values lie at the top, in a row, and one below them: 30 %."""
    row = torch.tensor([[*range(14), *[14] * 6]], dtype=torch.float32)
    assert clipped_of(row).tolist() == [pytest.approx(0.3)]
    assert clipped_of(-row).tolist() == [pytest.approx(0.3)]


def test_four_of_the_top_are_too_few() -> None:
    assert clipped_of(torch.tensor([[*range(16), *[16] * 4]], dtype=torch.float32)).tolist() == [0.0]


def test_both_ends_add_up() -> None:
    share = clipped_of(sines().clamp(-0.5, 0.5))
    assert (share > 0.4).all()
    assert share.max() <= 1


def test_healthy_signals_are_not_clipped() -> None:
    generator = torch.Generator().manual_seed(405)
    noise = torch.randn(50, LENGTH, generator=generator)
    bytes_of_sines = (127 + 127 * sines()).round().to(torch.uint8)
    levels = (sines() > 0).float()
    resting = noise.clamp(min=0.3)
    for healthy in (sines(), noise, bytes_of_sines, levels, resting):
        assert not clipped_of(healthy).any()


def test_shapes_agree() -> None:
    rows = sines(6).clamp(-0.5, 2)
    by_channel = rows.view(3, 2, LENGTH)
    expected = clipped_of(rows).view(3, 2).amax(1)
    assert torch.equal(clipped_of(by_channel), expected)
    assert torch.equal(clipped_of(by_channel[:, :, None]), expected)


def test_dead_channels_are_counted() -> None:
    values = sines(6).view(3, 2, 1, LENGTH).clone()
    values[1, 0] = 3.0
    values[2] = 0.0
    assert measure_signal(values)[:, 1].tolist() == [0, 1, 2]


def test_what_is_not_finite_is_neither_clipped_nor_dead() -> None:
    values = torch.ones(1, LENGTH)
    values[0, 5] = torch.nan
    assert measure_signal(values)[:, :2].tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("shape", [(4, 1, 8, 8), (4, 15), (4,)])
def test_what_is_no_signal_is_not_measured(shape: tuple[int, ...]) -> None:
    assert measure_signal(torch.zeros(shape)).isnan().all()
