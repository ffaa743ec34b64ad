import pytest
import torch
from torch import nn

from assay.models.activations import find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.soft_threshold import SoftThreshold


def test_by_hand(tiny_images):
    network = build_model(Recipe() | SoftThreshold(0.5), tiny_images.specification, seed=0)
    layers = [layer for *_, layer in find_activations(network)]
    assert [type(layer) for layer in layers] == [nn.Softshrink] * 2
    inputs = torch.tensor([-2.0, -0.5, -0.3, 0.0, 0.4, 1.75])
    assert torch.equal(layers[0](inputs), torch.tensor([-1.5, 0.0, 0.0, 0.0, 0.0, 1.25]))
    torch.testing.assert_close(layers[0](inputs), inputs.sign() * (inputs.abs() - 0.5).clamp(min=0))


@pytest.mark.parametrize("threshold", [0.0, -1.0, float("inf"), float("nan")])
def test_thresholds_that_let_all_or_nothing_through_are_refused(threshold):
    with pytest.raises(ValueError, match=r"threshold must be finite and above 0, got .*; 0.5 is PyTorch's default"):
        SoftThreshold(threshold)
