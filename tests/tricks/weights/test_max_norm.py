import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.weights.max_norm import MaxNorm, bound_norms

CLOCK = Clock(0, 10, 5)


def test_by_hand():
    found = bound_norms(torch.tensor([[3.0, 4.0], [0.3, 0.4]]), max_norm=2.5)
    torch.testing.assert_close(found, torch.tensor([[1.5, 2.0], [0.3, 0.4]]))


@pytest.mark.parametrize("layer", [nn.Linear(6, 4), nn.Conv2d(3, 4, 2), nn.ConvTranspose2d(3, 4, 2)], ids=str)
def test_every_units_incoming_weights_are_bounded_and_short_ones_kept(layer: nn.Module):
    weight = layer.weight.detach().clone()
    units = weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else weight
    norms = units.flatten(1).norm(dim=1)
    bound, bias = norms.median().item() * 1.0001, layer.bias.detach().clone()
    (edit,) = (Recipe() | MaxNorm(bound)).weight_edits
    edit.edit(edit.start(layer), layer, CLOCK)
    after = layer.weight.detach().transpose(0, 1) if isinstance(layer, nn.ConvTranspose2d) else layer.weight.detach()
    torch.testing.assert_close(after.flatten(1).norm(dim=1), norms.clamp(max=bound))
    short = norms <= bound
    assert short.any()
    assert not short.all()
    assert torch.equal(after[short], units[short])
    assert torch.equal(layer.bias, bias)


def test_infinity_and_frozen_weights_change_nothing():
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()
    MaxNorm(math.inf).edit({}, layer, CLOCK)
    MaxNorm(1e-3).edit({}, layer.requires_grad_(False), CLOCK)
    assert torch.equal(layer.weight, before)


@pytest.mark.parametrize("max_norm", [0.0, -1.0, math.nan])
def test_bad_norms_are_refused(max_norm: float):
    with pytest.raises(ValueError, match=r"max_norm must be above 0, got .*; the usual value is 3"):
        MaxNorm(max_norm)
    with pytest.raises(ValueError, match="max_norm must be above 0"):
        bound_norms(torch.ones(2, 2), max_norm=max_norm)
