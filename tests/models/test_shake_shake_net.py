"""The two-branch network: its size by hand, and every variant of the published table in its blend."""

import pytest
import torch
import torch.nn.functional as F

from assay.errors import InputError
from assay.models.shake_shake import Blend, ShakeShakeNet, TwoPathShortcut
from assay.randomness import scoped_seed

SHAKEN = (("even", "shake"), ("shake", "keep"), ("shake", "even"), ("shake", "shake"))
TABLE = [("even", "even", "image"), *((*shares, level) for level in ("batch", "image") for shares in SHAKEN)]


def shares(forward, backward, level, n=64):
    """The forward share of each image, the backward shares of both branches, and what is drawn twice alike."""
    first, second = torch.ones(n, 2, 3, 3, requires_grad=True), torch.zeros(n, 2, 3, 3, requires_grad=True)
    with scoped_seed(0, "test"):
        outputs = Blend(forward, backward, level)(first, second)
    outputs.sum().backward()
    assert first.grad is not None
    assert second.grad is not None
    for values in (outputs, first.grad, second.grad):
        assert (values == values[:, :1, :1, :1]).all(), "one draw is shared by all pixels of an image"
    return outputs.detach()[:, 0, 0, 0], first.grad[:, 0, 0, 0], second.grad[:, 0, 0, 0]


@pytest.mark.parametrize(("forward", "backward", "level"), TABLE)
def test_every_variant_of_the_table(forward, backward, level):
    share, back, rest = shares(forward, backward, level)
    assert torch.equal(back + rest, torch.ones(64))
    for kind, found in ((forward, share), (backward, back)):
        if kind == "even":
            assert (found == 0.5).all()
        elif kind == "shake":
            distinct = len(found.unique())
            assert distinct == (1 if level == "batch" else 64)
            assert ((found >= 0) & (found < 1) & (found != 0.5)).all()
    if backward == "keep":
        assert torch.equal(back, share)
    elif (forward, backward) == ("shake", "shake"):
        assert (back != share).all()


@pytest.mark.parametrize(("forward", "backward"), [("shake", "even"), ("shake", "shake"), ("even", "shake")])
def test_shares_are_uniform_on_the_unit_interval(forward, backward):
    share, back, _ = shares(forward, backward, "image", n=3000)
    for kind, found in ((forward, share), (backward, back)):
        if kind == "shake":
            # The deviation of the mean is sqrt(1 / 12 / 3000) = 0.005; the variance is 1 / 12.
            assert found.mean().item() == pytest.approx(0.5, abs=0.02)
            assert found.var().item() == pytest.approx(1 / 12, abs=0.006)


@pytest.mark.parametrize(("forward", "backward", "level"), TABLE)
def test_after_training_it_is_the_mean_of_both_branches(forward, backward, level):
    first, second = torch.randn(3, 2, 4, 4), torch.randn(3, 2, 4, 4)
    blend = Blend(forward, backward, level).eval()
    torch.testing.assert_close(blend(first, second), (first + second) / 2)


def parameters_by_hand(width: int, blocks: int) -> int:
    """Colours 3, classes 10; a norm has two numbers a channel."""
    total, channels = 3 * 16 * 9 + 32, 16
    for stage in range(3):
        out = width * 2**stage
        for block in range(blocks):
            total += 2 * (9 * channels * out + 9 * out * out + 4 * out)
            total += channels * out + 2 * out if block == 0 and channels != out else 0
            channels = out
    return total + channels * 10 + 10


@pytest.mark.parametrize(("width", "millions"), [(32, 2.9), (64, 11.7), (96, 26.2)])
def test_parameters_by_hand(width, millions):
    with torch.device("meta"):
        network = ShakeShakeNet(26, width).build((3, 32, 32), 10)
    count = sum(parameter.numel() for parameter in network.parameters())
    assert count == parameters_by_hand(width, 4)
    assert round(count / 1e6, 1) == millions


def test_the_shortcut_takes_every_second_pixel_twice_by_hand():
    layer = TwoPathShortcut(1, 2, 2).eval()
    torch.nn.init.ones_(layer.even.weight)
    torch.nn.init.ones_(layer.odd.weight)
    outputs = layer(torch.arange(16.0).view(1, 1, 4, 4)) * (1 + layer.norm.eps) ** 0.5
    torch.testing.assert_close(outputs[0, 0], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    torch.testing.assert_close(outputs[0, 1], torch.tensor([[5.0, 7.0], [13.0, 15.0]]))


def test_a_block_adds_its_shortcut_to_the_mean_of_its_branches():
    block = ShakeShakeNet(8, 16).build((1, 8, 8), 2).eval().stage1[0]
    inputs = torch.randn(2, 16, 8, 8)
    torch.testing.assert_close(block(inputs), inputs + (block.first(inputs) + block.second(inputs)) / 2)


@pytest.mark.parametrize("shape", [(1, 9, 7), (3, 32, 32), (1, 8, 8)])
def test_it_answers_for_images_of_any_size_and_trains(shape):
    network = ShakeShakeNet(8, 3, "shake", "shake", dropout=0.1).build(shape, 4)
    outputs = network(torch.randn(4, *shape))
    assert outputs.shape == (4, 4)
    F.cross_entropy(outputs, torch.arange(4)).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_what_it_refuses():
    with pytest.raises(ValueError, match=r"depth must be 6 n \+ 2 for n blocks a stage, got 27; 26 is usual"):
        ShakeShakeNet(27)
    with pytest.raises(ValueError, match="width must be at least 1 channel, got 0"):
        ShakeShakeNet(width=0)
    with pytest.raises(ValueError, match=r"dropout must be in \[0, 1\), got 1"):
        ShakeShakeNet(dropout=1.0)
    with pytest.raises(InputError, match="ShakeShakeNet needs images"):
        ShakeShakeNet().build((5,), 2)
