import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.weights.weight_clip import WeightClip


def test_all_weights_biases_and_norms_stay_in_the_box():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    (edit,) = (Recipe() | WeightClip(0.25)).weight_edits
    edit.edit(edit.start(model), model, Clock(0, 10, 5))
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, before[name].clamp(-0.25, 0.25))
    assert torch.equal(model[1].running_var, before["1.running_var"]), "statistics are no weights"


def test_infinity_changes_nothing():
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()
    WeightClip(math.inf).edit({}, layer, Clock(0, 10, 5))
    assert torch.equal(layer.weight, before)


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan])
def test_bad_limits_are_refused(limit: float):
    with pytest.raises(ValueError, match=r"limit must be above 0, got .*; the usual value is 0\.01"):
        WeightClip(limit)
