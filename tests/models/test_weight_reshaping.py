import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.weight_reshaping import reshape_weight, weighted_layers


class Record(nn.Module):
    """Doubles a weight, and remembers in which format it was asked to."""

    def forward(self, weight):
        self.seen = (weight @ weight).dtype
        return 2.0 * weight


def test_the_trained_weight_is_reshaped_at_each_use_in_full_precision():
    layer, record = nn.Linear(2, 2), Record()
    trained = layer.weight
    reshape_weight(layer, record)
    assert torch.equal(layer.weight, 2.0 * trained)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert record.seen == torch.float32


def test_a_frozen_weight_stays_frozen_and_a_network_without_such_layers_is_refused():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].weight.requires_grad_(False)
    assert weighted_layers(model, (nn.Linear,), "It") == list(model)
    reshape_weight(model[0], Record())
    assert not model[0].weight.requires_grad
    with pytest.raises(InputError, match="It needs a Conv2d, got Sequential without any; take It out"):
        weighted_layers(model, (nn.Conv2d,), "It")
