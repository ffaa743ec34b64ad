import pytest
import torch
from torch import nn

from assay.models.counting import count_multiply_adds, count_parameters
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed

# He et al. 2018, table 5: G multiply-adds at one decimal; 25 M parameters for all four.
PUBLISHED = {"A": 3.8, "B": 4.1, "C": 4.3, "D": 4.3}


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Linear(3, 4), (3,), 12),
        (nn.Conv2d(3, 4, 3, padding=1), (3, 5, 5), 3 * 9 * 4 * 25),
        (nn.Conv2d(4, 4, 3, groups=4), (4, 5, 5), 9 * 4 * 9),
        (nn.Conv1d(2, 3, 5, stride=2), (2, 9), 2 * 5 * 3 * 3),
        (nn.LSTM(5, 7, batch_first=True), (3, 5), 3 * 4 * 7 * (5 + 7)),
        (nn.BatchNorm2d(4), (4, 5, 5), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_layers_by_hand(layer, shape, expected):
    assert count_multiply_adds(layer, shape) == expected


def test_a_shared_weight_is_one_parameter_and_two_uses():
    linear = nn.Linear(3, 3)
    assert count_parameters(nn.Sequential(linear, nn.ReLU(), linear)) == 12
    assert count_multiply_adds(nn.Sequential(linear, nn.ReLU(), linear), (3,)) == 18


@pytest.mark.usefixtures("random_state_untouched")
def test_counting_leaves_no_trace():
    with scoped_seed(0, "model"):
        model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    count_multiply_adds(model, (1, 6, 6))
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize(("variant", "published"), PUBLISHED.items())
def test_resnet_50_agrees_with_the_published_table(variant, published):
    """Tolerances: the table prints one decimal, and 25 M is 25.56 M cut off, not rounded.

    A counts 3.858 G here: table 5 prints 3.8, table 1 of the same paper 3.9; so 0.06 rather than 0.05.
    """
    with torch.device("meta"):
        model = ResNet.imagenet(50, variant).build((3, 224, 224), 1000)
    assert abs(count_multiply_adds(model, (3, 224, 224)) / 1e9 - published) < 0.06
    assert int(count_parameters(model) / 1e6) == 25
