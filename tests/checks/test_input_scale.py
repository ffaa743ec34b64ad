import pytest
import torch
from check_programs import digits_like, loader_of

from assay.checks.input_scale import describe


@pytest.mark.parametrize(("factor", "shift"), [(1.0, 0.0), (255.0, 0.0), (1e-4, 0.0), (1.0, 500.0)])
def test_magnitudes_alone_never_alert(verdict, factor, shift):
    inputs, labels = digits_like()
    assert verdict("input_scale", train_loader=loader_of(inputs * factor + shift, labels)) == "note"


def test_identical_inputs_are_proved(verdict):
    inputs, labels = digits_like()
    assert verdict("input_scale", train_loader=loader_of(inputs[:1].expand(240, -1, -1, -1), labels)) == "proved"


def test_numbers_by_hand():
    numbers = describe(torch.tensor([[0.0, 1.0], [4.0, 1.0]]))
    assert (numbers["low"], numbers["high"], numbers["mean"]) == (0.0, 4.0, 1.5)
    assert numbers["deviation"] == pytest.approx(1.5)  # mean of 2.25, .25, 6.25, .25 is 2.25
    assert numbers["constant_features"] == 1


def test_large_inputs_come_with_advice(run):
    inputs, labels = digits_like()
    (finding,) = run("input_scale", train_loader=loader_of(inputs * 255, labels))
    assert "divide by the training deviation" in finding.fix
