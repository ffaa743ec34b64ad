import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate

from assay.losses import CrossEntropy
from assay.models.mlp import MLP
from assay.models.weight_layers import FannedWeight
from assay.network import build_model
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.tricks.initialisation.filler_init import FillerInit, bilinear_kernel, fill_bilinear, fillers


def drawn(filler, norm="fan_in", value=0.01):
    values = torch.empty(40, 30, 3, 3)
    with scoped_seed(0, "draw"):
        fillers(value, norm)[filler](FannedWeight(values, 270, 360))
    return values


@pytest.mark.parametrize(("norm", "n"), [("fan_in", 270), ("fan_out", 360), ("average", 315)])
def test_xavier_and_msra_by_hand(norm, n):
    limit = (3 / n) ** 0.5
    assert 0.99 * limit < drawn("xavier", norm).abs().max() <= limit
    # 10,800 draws: their deviation is off by about 0.7 %.
    assert drawn("msra", norm).std().item() == pytest.approx((2 / n) ** 0.5, rel=0.03)


def test_gaussian_and_uniform_follow_the_value():
    assert drawn("gaussian", value=0.5).std().item() == pytest.approx(0.5, rel=0.03)
    assert 0.495 < drawn("uniform", value=0.5).abs().max() <= 0.5


def test_positive_unitball_sums_to_one():
    values = drawn("positive_unitball")
    assert values.min() >= 0
    torch.testing.assert_close(values.flatten(1).sum(1), torch.ones(40))


def test_the_bilinear_kernel_by_hand():
    torch.testing.assert_close(bilinear_kernel(4)[1], torch.tensor([0.1875, 0.5625, 0.5625, 0.1875]))
    torch.testing.assert_close(bilinear_kernel(5)[2], torch.tensor([1 / 3, 2 / 3, 1.0, 2 / 3, 1 / 3]))
    # Sides that fit no whole factor are symmetric too, as in Caffe's filler.hpp.
    torch.testing.assert_close(bilinear_kernel(3)[1], torch.tensor([0.5, 1.0, 0.5]))
    torch.testing.assert_close(bilinear_kernel(6)[2], 5 / 36 * torch.tensor([1.0, 3.0, 5.0, 5.0, 3.0, 1.0]))


def test_the_bilinear_filler_interpolates(tiny_images):
    layer = nn.ConvTranspose2d(2, 2, 4, stride=2, padding=1, groups=2, bias=False)
    fill_bilinear(layer, tiny_images.specification)
    images = torch.randn(1, 2, 6, 6)
    inside = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    expected = interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)
    torch.testing.assert_close(layer(images)[inside], expected[inside])


def test_weights_and_hidden_biases_may_both_be_filled_in_either_order(tiny_images):
    biases = FillerInit("constant", of="biases", value=0.2)
    recipe = Recipe(model=MLP((8,)))
    plain = build_model(recipe, tiny_images.specification, seed=0)
    both, swapped = (
        build_model(stack, tiny_images.specification, seed=0)
        for stack in (recipe | FillerInit("msra") | biases, recipe | biases | FillerInit("msra"))
    )
    assert all(torch.equal(value, swapped.state_dict()[name]) for name, value in both.state_dict().items())
    assert torch.equal(both[1].bias, torch.full((8,), 0.2))
    assert torch.equal(both[3].bias, plain[3].bias)
    assert not torch.equal(both[1].weight, plain[1].weight)
    assert build_model(recipe | FillerInit("uniform", of="biases"), tiny_images.specification, seed=0)[1].bias.any()


def test_why_constant_weights_are_refused():
    """Equal units stay equal, whatever they are trained on."""
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.1)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    inputs, targets = torch.rand(16, 3, generator=torch.Generator().manual_seed(0)), torch.arange(16) % 2
    for _ in range(5):
        optimizer.zero_grad()
        CrossEntropy()(model(inputs), targets).backward()
        optimizer.step()
    assert torch.allclose(model[0].weight, model[0].weight[:1].expand(4, 3))
    assert not torch.allclose(model[0].weight, torch.tensor(0.1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filler": "constant"}, r"filler of weights must draw .* got constant .*equal for ever \(symmetry\)"),
        ({"filler": "constant", "value": 0.0}, r"got constant with value 0.0: .*\(symmetry\)"),
        ({"filler": "gaussian", "value": 0.0}, r"got gaussian with value 0.0: .*\(symmetry\)"),
        ({"filler": "uniform", "value": -1.0}, "value must be finite, and at least 0 as a width, got -1.0"),
        ({"filler": "orthogonal"}, "filler must be one of constant, .*bilinear, got 'orthogonal'"),
        ({"filler": "xavier", "of": "biases"}, "filler of biases must be one of constant, gaussian, uniform, got 'xav"),
        ({"of": "norms"}, "of must be one of weights, biases, got 'norms'"),
        ({"norm": "sum"}, "norm must be one of fan_in, fan_out, average, got 'sum'"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        FillerInit(**options)


def test_bilinear_needs_transposed_convolutions(tiny_images):
    with pytest.raises(ValueError, match=r"must have square transposed convolutions .* got Linear without any"):
        fill_bilinear(nn.Linear(2, 2), tiny_images.specification)
