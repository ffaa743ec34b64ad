import pytest
import torch

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.drop_block import DropBlock, DropBlockLayer, drop_blocks, seed_rate


def test_seed_rate_by_hand():
    """0.1 of 8 x 8 pixels in squares of 3: 0.1 / 9 * 64 / 36."""
    assert seed_rate(0.1, 3, 8, 8) == pytest.approx(0.1 / 9 * 64 / 36)
    assert seed_rate(0.3, 1, 5, 7) == pytest.approx(0.3)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_what_is_dropped_is_a_union_of_squares_as_a_loop_finds_it(size):
    layer, inputs = DropBlockLayer(0.2, size), torch.ones(3, 2, 7, 6)
    with scoped_seed(0, "test"):
        outputs = layer(inputs)
        torch_state = torch.get_rng_state()
    with scoped_seed(0, "test"):
        seeds = torch.rand(3, 2, 8 - size, 7 - size) < seed_rate(0.2, size, 7, 6)
        assert torch.equal(torch.get_rng_state(), torch_state)
    mask = torch.ones(3, 2, 7, 6)
    for image, channel, row, column in seeds.nonzero().tolist():
        mask[image, channel, row : row + size, column : column + size] = 0
    torch.testing.assert_close(outputs, mask * (mask.numel() / mask.sum()))


@pytest.mark.parametrize("size", [1, 3])
def test_about_the_share_is_dropped_and_the_mean_stays(size):
    with scoped_seed(1, "test"):
        outputs = DropBlockLayer(0.1, size)(torch.ones(200, 8, 12, 12))
    # Squares overlap, so a little less than the share is dropped.
    assert (outputs == 0).double().mean().item() == pytest.approx(0.1, abs=0.01)
    assert outputs.mean().item() == pytest.approx(1.0, abs=1e-4)


def test_maps_smaller_than_the_square_and_evaluation():
    inputs = torch.randn(2, 3, 2, 2)
    assert DropBlockLayer(0.5, 7).eval()(inputs) is inputs
    assert DropBlockLayer(0.5, 7)(inputs).shape == inputs.shape
    assert DropBlockLayer(1 - 1e-9, 7)(inputs).isfinite().all()


def test_the_trick_follows_the_last_two_stages(tiny_images):
    network = ResNet(8, 4).build((1, 8, 8), 2)
    names = list(network.state_dict())
    network = drop_blocks(network, tiny_images.specification, probability=0.2, size=3)
    assert list(network.state_dict()) == names
    assert [isinstance(network.get_submodule(f"stage{n}")[-1], DropBlockLayer) for n in (1, 2, 3)] == [
        False,
        True,
        True,
    ]
    assert (Recipe(model=ResNet(width=4)) | DropBlock(0.0)).model_edits == ()


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="DropBlock needs a ResNet or a ConvNet; this recipe has MLP"):
        Recipe(model=MLP()) | DropBlock()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got 1"):
        DropBlock(1.0)
    with pytest.raises(ValueError, match="size must be finite and at least 1, got 0"):
        DropBlock(size=0)
