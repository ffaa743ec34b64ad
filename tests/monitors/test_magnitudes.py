import pytest
import torch

from assay.monitors.magnitudes import BINS, draw_magnitudes, measure_magnitudes


def test_shares_by_decade_worked_by_hand():
    found = measure_magnitudes(torch.tensor([0.0, 2.0, -2.0, 0.05, float("nan"), float("inf")]))
    assert found.zeros == pytest.approx(0.25)
    assert found.broken == pytest.approx(2 / 6)
    assert found.shares[24] == pytest.approx(0.5)  # log10(2) = 0.30, from 0 to 0.5
    assert found.shares[21] == pytest.approx(0.25)  # log10(0.05) = -1.30, from -1.5 to -1
    assert sum(found.shares) == pytest.approx(0.75)


def test_values_beyond_the_bins_are_in_the_last_ones():
    found = measure_magnitudes(torch.tensor([1e-20, 1e20]))
    assert (found.shares[0], found.shares[-1]) == (0.5, 0.5)
    assert len(found.shares) == BINS


def test_nothing_to_measure():
    found = measure_magnitudes(torch.zeros(0))
    assert (sum(found.shares), found.zeros, found.broken) == (0, 0, 0)


def test_few_curves_of_many_layers_with_both_ends():
    layers = [(f"layer {number}", measure_magnitudes(torch.full((4,), 10.0**-number))) for number in range(10)]
    figure = draw_magnitudes("Outputs", "output", layers, most=4)
    assert [series.name for series in figure.series] == ["layer 0", "layer 3", "layer 6", "layer 9"]
    assert figure.x_label == "log10 of the output"
    assert all(sum(series.y) == pytest.approx(1) for series in figure.series)
    assert draw_magnitudes("None", "output", []).series == ()
