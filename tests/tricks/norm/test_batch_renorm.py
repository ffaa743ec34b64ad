import pytest
import torch
from torch import nn

from assay.tricks.norm.batch_renorm import BatchRenorm, limit_at


def draw(seed):
    return 3.0 * torch.randn(6, 4, 2, 2, generator=torch.Generator().manual_seed(seed)) + seed


def test_limits_by_hand():
    found = [limit_at(torch.tensor(step), first=1.0, last=3.0, start=10, end=30).item() for step in (0, 10, 20, 30, 99)]
    assert found == [1.0, 1.0, 2.0, 3.0, 3.0]


def test_before_its_start_it_is_batch_norm():
    ours, theirs = BatchRenorm().make(4), nn.BatchNorm2d(4)
    for seed in range(3):
        torch.testing.assert_close(ours(draw(seed)), theirs(draw(seed)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.running_var, theirs.running_var)


def test_without_limits_training_sees_what_evaluation_does():
    """If r and d are never clamped, outputs are those of the running statistics before the update."""
    layer = BatchRenorm(r_max=1e6, d_max=1e6, start=0, r_end=1, d_end=1).make(4)
    layer(draw(0))
    expected = layer.eval()(draw(1))
    torch.testing.assert_close(layer.train()(draw(1)), expected, atol=1e-4, rtol=1e-4)


def test_clamped_it_agrees_with_the_formula():
    layer, inputs = BatchRenorm(1.5, 0.2, start=0, r_end=1, d_end=1).make(4), draw(3).double()
    layer(draw(0))
    running, variance = layer.running_mean.double(), layer.running_var.double()
    mean, own = inputs.mean((0, 2, 3)), inputs.var((0, 2, 3), correction=0)
    r = ((own + 1e-5) / (variance + 1e-5)).sqrt().clamp(1 / 1.5, 1.5)
    d = ((mean - running) / (variance + 1e-5).sqrt()).clamp(-0.2, 0.2)
    assert (d.abs() == 0.2).any()
    by_channel = [values.view(1, 4, 1, 1) for values in (mean, own, r, d)]
    expected = (inputs - by_channel[0]) / (by_channel[1] + 1e-5).sqrt() * by_channel[2] + by_channel[3]
    torch.testing.assert_close(layer(inputs.float()).double(), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"r_max": 0.5}, "r_max must be .* at least 1"), ({"d_max": -1.0}, "d_max must"), ({"start": -1}, "start must"),
     ({"r_end": 3}, "r_end must be .* at least 5000"), ({"d_end": 3}, "d_end must")],
)  # fmt: skip
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        BatchRenorm(**values)
