import dataclasses
import inspect

import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.resnet import ResNet, blocks_per_stage, group_norm
from assay.randomness import scoped_seed


def count_parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def count_multiply_adds(model, shape):
    """Of convolutions and linear layers, for one image; on the meta device nothing is computed."""
    total = 0

    def add(module, inputs, output):
        nonlocal total
        pixels = output.shape[2:].numel() if isinstance(module, nn.Conv2d) else 1
        total += module.weight.numel() * pixels

    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(add)
    model.eval()(torch.zeros(1, *shape, device="meta"))
    return total


def build_without_type_checker(**options):
    """What a user's Python does: in tests the type checker would refuse a wrong choice first."""
    model = object.__new__(ResNet)
    for field in dataclasses.fields(ResNet):
        object.__setattr__(model, field.name, options.get(field.name, field.default))
    model.__post_init__()


@pytest.mark.parametrize(("variant", "published"), [("A", 3.8), ("B", 4.1), ("C", 4.3), ("D", 4.3)])
def test_resnet_50_has_the_published_size(variant, published):
    with torch.device("meta"):
        model = ResNet.imagenet(50, variant).build((3, 224, 224), 1000)
    # Published to one decimal, and A (here 3.858) as 3.8 in one table and 3.9 in another: half a unit and a little.
    assert abs(count_multiply_adds(model, (3, 224, 224)) / 1e9 - published) < 0.06
    assert abs(count_parameters(model) / 1e6 - 25.56) < 0.02


# Counts of the same networks in PyTorch's own model library, a thousand classes.
@pytest.mark.parametrize(
    ("depth", "parameters"),
    [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032), (101, 44_549_160), (152, 60_192_808)],
)
def test_large_form_has_the_known_parameter_counts(depth, parameters):
    with torch.device("meta"):
        model = ResNet.imagenet(depth, "B").build((3, 224, 224), 1000)
    assert count_parameters(model) == parameters


# Table 6 of He et al. 2015: 0.27 M, 0.46 M, 0.66 M, 0.85 M, 1.7 M; projections add under 3,000.
@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.73)])
def test_small_form_has_the_published_parameter_counts(depth, millions):
    with torch.device("meta"):
        model = ResNet(depth).build((3, 32, 32), 10)
    assert abs(count_parameters(model) / 1e6 - millions) < 0.01


def test_a_network_of_150_thousand_parameters_is_easy_to_name():
    assert 140_000 < count_parameters(ResNet(depth=8, width=22).build((1, 28, 28), 10)) < 160_000


@pytest.mark.parametrize("depth", [8, 14, 20])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_depth_counts_the_layers_on_the_longest_path(depth, block):
    depth = depth if block == "basic" else (depth - 2) // 2 * 3 + 2
    model = ResNet(depth, width=4, block=block).build((1, 8, 8), 2)
    branches = [module.branch for module in model.modules() if hasattr(module, "last_norm")]
    convolutions = sum(isinstance(layer, nn.Conv2d) for branch in branches for layer in branch)
    assert 1 + convolutions + 1 == depth


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 17, 40), (1, 1, 5)])
@pytest.mark.parametrize("options", [{}, {"downsampling": "D", "deep_stem": True}, {"norm": "group", "width": 6}])
def test_every_size_of_image_gives_one_row_of_outputs_each(shape, options):
    model = ResNet(**{"width": 4, **options}).build(shape, 3)
    outputs = model(torch.zeros(5, *shape))
    assert outputs.shape == (5, 3)
    assert torch.isfinite(outputs).all()


def test_large_stem_divides_sides_by_four_and_a_deep_stem_alike():
    for deep_stem in (False, True):
        model = ResNet(width=4, stem="large", deep_stem=deep_stem).build((3, 64, 64), 2)
        assert model.stem(torch.zeros(1, 3, 64, 64)).shape == (1, 4, 16, 16)
        assert ResNet(width=4, deep_stem=deep_stem).build((3, 9, 9), 2).stem(torch.zeros(1, 3, 9, 9)).shape[2:] == (
            9,
            9,
        )


def test_activations_keep_their_scale_through_110_layers():
    with scoped_seed(0, "scale"):
        model = ResNet(110, width=4).build((1, 8, 8), 2)
        outputs = model(torch.randn(16, 1, 8, 8))
    assert 0.01 < outputs.std().item() < 100


def test_same_seed_same_weights(random_state_untouched):
    states = []
    for seed in (0, 0, 1):
        with scoped_seed(seed, "model"):
            states.append(ResNet(width=4).build((1, 8, 8), 2).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["stem.0.weight"], states[2]["stem.0.weight"])


def test_convolutions_have_no_bias_and_weights_lie_channels_last():
    model = ResNet().build((3, 32, 32), 10)
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert all(convolution.bias is None for convolution in convolutions)
    assert all(c.weight.is_contiguous(memory_format=torch.channels_last) for c in convolutions)


def test_dropout_zero_adds_no_layer():
    assert not hasattr(ResNet().build((1, 8, 8), 2), "dropout")
    assert ResNet(dropout=0.25).build((1, 8, 8), 2).dropout.p == 0.25


@pytest.mark.parametrize(("channels", "groups"), [(64, 32), (16, 8), (22, 11), (2, 1), (6, 3), (100, 25)])
def test_group_norm_has_at_most_32_groups_of_at_least_two_channels(channels, groups):
    assert group_norm(channels).num_groups == groups


def test_imagenet_variants_are_plain_values():
    a, d = ResNet.imagenet(50, "A"), ResNet.imagenet(50, "D")
    assert a == ResNet(50, 64, 4, "bottleneck", "large", False, "A")
    assert d == dataclasses.replace(a, deep_stem=True, downsampling="D")
    assert ResNet.imagenet(50, "C") == dataclasses.replace(a, deep_stem=True, downsampling="B")


def test_blocks_by_hand():
    assert blocks_per_stage(20, 3, "basic") == (3, 3, 3)
    assert blocks_per_stage(29, 3, "bottleneck") == (3, 3, 3)
    assert blocks_per_stage(101, 4, "bottleneck") == (3, 4, 23, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 21}, r"depth of three stages of basic blocks must be 6 n \+ 2, got 21; the nearest is 20"),
        ({"depth": 2}, r"depth of three stages .* got 2; the nearest is 8"),
        ({"depth": 22, "block": "bottleneck"}, r"must be 9 n \+ 2, got 22; the nearest is 20"),
        ({"depth": 20, "stages": 4}, r"depth of four stages must be one of 18 \(basic\), .* got 20 \(basic\)"),
        ({"stages": 5}, "stages must be one of 3, 4, got 5"),
        ({"stem": "huge"}, "stem must be one of 'small', 'half', 'large', got 'huge'"),
        ({"downsampling": "C"}, "downsampling must be one of 'A', 'B', 'D', got 'C'"),
        ({"norm": "layer"}, "norm must be one of 'batch', 'group', got 'layer'"),
        ({"width": 3}, "width must be even and at least 2 .* got 3"),
        ({"dropout": -0.1}, r"dropout must be in \[0, 1\), got -0.1"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build_without_type_checker(**options)


def test_an_unknown_variant_is_refused():
    imagenet = inspect.unwrap(ResNet.imagenet.__func__)
    with pytest.raises(ValueError, match="variant must be 'A', 'B', 'C' or 'D', got 'E'"):
        imagenet(ResNet, 50, "E")


def test_vectors_are_refused():
    with pytest.raises(InputError, match=r"ResNet needs images .* got inputs of shape \(7,\); use MLP"):
        ResNet().build((7,), 2)
