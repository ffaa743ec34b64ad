import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.convnet import ConvNet
from assay.randomness import scoped_seed


def test_parameter_count_by_hand():
    # 3x3 convolutions 1->4 and 4->8, scale and shift of two norms, and the linear layer 8->10.
    expected = (9 * 1 * 4 + 2 * 4) + (9 * 4 * 8 + 2 * 8) + (8 * 10 + 10)
    model = ConvNet(widths=(4, 8)).build((1, 8, 8), 10)
    assert sum(parameter.numel() for parameter in model.parameters()) == expected


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 17, 40), (1, 2, 64), (1, 1, 1)])
def test_every_size_of_image_gives_one_row_of_outputs_each(shape):
    model = ConvNet(widths=(4, 8, 8), blocks=2).build(shape, 3)
    outputs = model(torch.zeros(5, *shape))
    assert outputs.shape == (5, 3)
    assert torch.isfinite(outputs).all()


@pytest.mark.parametrize(
    ("shape", "last_map"),
    [((1, 8, 8), (2, 2)), ((1, 28, 28), (3, 3)), ((1, 3, 3), (3, 3)), ((1, 2, 64), (2, 8)), ((1, 5, 9), (2, 2))],
)
def test_maps_are_halved_between_stages_but_never_below_two_pixels(shape, last_map):
    model = ConvNet(widths=(4,) * 4).build(shape, 2)
    sizes = []
    model.average.register_forward_hook(lambda module, inputs, output: sizes.append(tuple(inputs[0].shape[2:])))
    model(torch.zeros(2, *shape))
    assert sizes == [last_map]


def test_convolutions_before_a_norm_have_no_bias():
    model = ConvNet(blocks=2).build((3, 8, 8), 2)
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 4
    assert all(convolution.bias is None for convolution in convolutions)


def test_same_seed_same_weights_and_global_state_untouched(random_state_untouched):
    states = []
    for seed in (0, 0, 1):
        with scoped_seed(seed, "model"):
            states.append(ConvNet(widths=(4,)).build((1, 8, 8), 2).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["stage1.0.weight"], states[2]["stage1.0.weight"])


def test_dropout_acts_in_training_only_and_zero_adds_no_layer():
    plain, dropped = ConvNet().build((1, 8, 8), 2), ConvNet(dropout=0.5).build((1, 8, 8), 2)
    assert not any(isinstance(module, nn.Dropout) for module in plain.modules())
    inputs = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with scoped_seed(0, "dropout"):
        assert not torch.equal(dropped(inputs), dropped(inputs))
    dropped.eval()
    assert torch.equal(dropped(inputs), dropped(inputs))


def test_vectors_are_refused():
    with pytest.raises(InputError, match=r"ConvNet needs images .* got inputs of shape \(3,\); use MLP"):
        ConvNet().build((3,), 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": ()}, r"widths must be positive channel counts, .* got \(\)"),
        ({"widths": (8, 0)}, r"widths must be positive channel counts, .* got \(8, 0\)"),
        ({"blocks": 0}, "blocks must be at least 1 .* got 0"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\), got 1.0"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ConvNet(**options)


def test_an_unknown_head_is_refused():
    model = object.__new__(ConvNet)
    for name, value in {"widths": (4,), "blocks": 1, "dropout": 0.0, "head": "max"}.items():
        object.__setattr__(model, name, value)
    with pytest.raises(ValueError, match="head must be 'average' or 'flatten', got 'max'"):
        model.__post_init__()
