import dataclasses
import inspect

import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.counting import count_parameters
from assay.models.resnet import ResNet, blocks_per_stage, group_norm
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.recipe_toml import recipe_from_toml, recipe_to_toml


def build_without_type_checker(**options):
    """What a user's Python does: in tests the type checker would refuse a wrong choice first."""
    model = object.__new__(ResNet)
    for field in dataclasses.fields(ResNet):
        object.__setattr__(model, field.name, options.get(field.name, field.default))
    model.__post_init__()


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


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["A", "B", "C", "D"])
@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_every_large_form_builds_in_every_variant(depth, variant):
    with torch.device("meta"):
        model = ResNet.imagenet(depth, variant).build((3, 64, 64), 5)
        assert model.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 5)


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["A", "B", "C", "D"])
@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_every_small_form_builds_in_every_variant(depth, variant):
    with torch.device("meta"):
        model = ResNet.cifar(depth, variant).build((3, 32, 32), 5)
        assert model.eval()(torch.zeros(1, 3, 32, 32)).shape == (1, 5)


# Zagoruyko & Komodakis 2016: 2.7 M, 8.9 M, 36.5 M.
@pytest.mark.parametrize(
    ("depth", "factor", "parameters"), [(16, 4, 2_748_890), (40, 4, 8_949_210), (28, 10, 36_479_194)]
)
def test_wide_form_has_the_published_parameter_counts(depth, factor, parameters):
    with torch.device("meta"):
        model = ResNet.wide(depth, factor).build((3, 32, 32), 10)
    assert count_parameters(model) == parameters


def test_widening_leaves_the_stem_as_it_is():
    model = ResNet(width=4, widen=3).build((3, 8, 8), 2)
    assert model.stem[0].out_channels == 4
    assert [model.get_submodule(f"stage{n}")[0].last_norm.num_features for n in (1, 2, 3)] == [12, 24, 48]


def test_a_preactivation_network_normalises_before_its_last_layer_and_not_in_its_stem():
    model = ResNet(width=4, unit="preactivation").build((3, 8, 8), 2)
    assert [type(layer) for layer in model.stem] == [nn.Conv2d]
    assert [type(layer) for layer in model.activation] == [nn.BatchNorm2d, nn.ReLU]
    assert not hasattr(ResNet(width=4).build((3, 8, 8), 2), "activation")


NEW_OPTIONS = (
    {"unit": "preactivation"}, {"unit": "pyramid"}, {"unit": "preactivation", "stem": "large", "deep_stem": True},
    {"attention": "channel"}, {"attention": "spatial"}, {"attention": "shrinkage"}, {"attention": "shared-shrinkage"},
    {"cross_stage_partial": True}, {"cross_stage_partial": True, "unit": "pyramid", "block": "bottleneck", "depth": 11},
    {"cross_stage_partial": True, "width": 2, "norm": "group"}, {"pooling": "pyramid"}, {"widen": 2},
)  # fmt: skip


@pytest.mark.parametrize("options", NEW_OPTIONS, ids=str)
@pytest.mark.parametrize("shape", [(3, 9, 7), (1, 1, 5)])
def test_every_option_trains_on_every_size_and_reads_back(options, shape):
    builder = ResNet(**{"width": 4, **options})
    model = builder.build(shape, 3)
    model(torch.randn(5, *shape)).sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert model.eval()(torch.zeros(2, *shape)).shape == (2, 3)
    recipe = Recipe(model=builder)
    assert recipe_from_toml(recipe_to_toml(recipe)) == recipe


def test_every_option_leaves_the_hooks_that_other_tricks_use():
    for options in NEW_OPTIONS:
        blocks = [m for m in ResNet(**{"width": 4, **options}).build((3, 8, 8), 2).modules() if hasattr(m, "last_norm")]
        assert len(blocks) == 3
        assert all(isinstance(block.drop, nn.Identity) and block.last_norm.weight.requires_grad for block in blocks)


def test_a_partial_stage_halves_the_blocks_widths():
    model = ResNet(14, width=8, cross_stage_partial=True).build((3, 8, 8), 2)
    before, stage = model.stage2
    assert before[0].stride == (2, 2)
    assert [block.last_norm.num_features for block in stage.blocks] == [8, 8]
    assert isinstance(model.stage1[0], nn.Identity)


def test_a_pyramid_keeps_21_numbers_a_channel():
    assert ResNet(width=4, pooling="pyramid").build((3, 8, 8), 2).linear.in_features == 21 * 16


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
    assert blocks_per_stage(26, 4, "bottleneck") == (2, 2, 2, 2)
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
        ({"widen": 0}, "widen must be a factor of at least 1, got 0; 4 and 10 are published"),
        ({"unit": "post"}, "unit must be one of 'original', 'preactivation', 'pyramid', got 'post'"),
        ({"attention": "soft"}, "attention must be one of 'none', 'channel', .* got 'soft'"),
        ({"pooling": "max"}, "pooling must be one of 'average', 'pyramid', got 'max'"),
        ({"dropout": -0.1}, r"dropout must be in \[0, 1\), got -0.1"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build_without_type_checker(**options)


def test_an_unknown_variant_is_refused():
    for form in (ResNet.imagenet, ResNet.cifar):
        with pytest.raises(ValueError, match="variant must be 'A', 'B', 'C' or 'D', got 'E'"):
            inspect.unwrap(form.__func__)(ResNet, 50, "E")


def test_vectors_are_refused():
    with pytest.raises(InputError, match=r"ResNet needs images .* got inputs of shape \(7,\); use MLP"):
        ResNet().build((7,), 2)
