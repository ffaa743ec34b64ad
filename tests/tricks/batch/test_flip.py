from functools import partial

import pytest
import torch

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.flip import Flip, alternating_flips, edit_flips, flip_images


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_mirrors_only_the_chosen_images():
    images = torch.tensor([[[[1, 2, 3], [4, 5, 6]]], [[[1, 2, 3], [4, 5, 6]]]], dtype=torch.uint8)
    flipped = flip_images(images, torch.tensor([False, True]))
    assert flipped.tolist() == [[[[1, 2, 3], [4, 5, 6]]], [[[3, 2, 1], [6, 5, 4]]]]


def test_agrees_with_torch_flip_and_twice_is_identity():
    images = torch.randint(0, 256, (7, 3, 6, 5), dtype=torch.uint8, generator=generator())
    everywhere = torch.ones(7, dtype=torch.bool)
    assert torch.equal(flip_images(images, everywhere), images.flip(3))
    assert torch.equal(flip_images(flip_images(images, everywhere), everywhere), images)
    assert torch.equal(flip_images(images, ~everywhere), images)


def test_alternating_shows_each_example_both_sides_in_two_epochs():
    indices = torch.arange(1000)
    first, second, third = (alternating_flips(indices, epoch) for epoch in range(3))
    assert torch.equal(first, ~second)
    assert torch.equal(first, third)


def test_alternating_coin_is_fair_and_unrelated_between_neighbours():
    """Four standard deviations of a fair coin over 20,000 tosses."""
    coin = alternating_flips(torch.arange(20_000), 0).double()
    bound = 4 * 0.5 / 20_000**0.5
    assert abs(coin.mean() - 0.5) < bound
    for lag in (1, 2, 3, 10, 64):
        assert abs((coin[lag:] == coin[:-lag]).double().mean() - 0.5) < bound


def test_alternating_depends_on_the_example_not_on_its_place_in_the_batch():
    indices = torch.tensor([5, 9, 400, 3])
    order = torch.tensor([2, 0, 3, 1])
    assert torch.equal(alternating_flips(indices, 4)[order], alternating_flips(indices[order], 4))


def test_alternating_edit_changes_side_at_the_epoch_boundary():
    images = torch.arange(2 * 4, dtype=torch.float32).view(2, 1, 1, 4)
    edit = partial(edit_flips, mode="alternating")
    last, first = (edit(images, torch.tensor([0, 1]), generator(), Clock(step, 20, 10)) for step in (9, 10))
    assert torch.equal(last, first.flip(3))


def test_random_edit_is_reproducible_and_flips_about_half():
    images = torch.arange(400.0).view(400, 1, 1, 1).expand(400, 1, 1, 2) + torch.tensor([0.0, 0.5])
    edit = (Recipe() | Flip()).input_edits[0]
    once, again = (edit(images, torch.arange(400), generator(3), Clock(0, 1, 1)) for _ in range(2))
    assert torch.equal(once, again)
    share = (once != images).any(3).double().mean().item()
    assert abs(share - 0.5) < 4 * 0.5 / 400**0.5


def test_refuses_an_unknown_mode_and_vectors():
    with pytest.raises(ValueError, match="mode must be one of random, alternating, got 'sideways'"):
        Flip("sideways")
    with pytest.raises(RecipeError, match=r"Flip needs images .* got inputs of shape \(4, 30\); take Flip out"):
        flip_images(torch.zeros(4, 30), torch.ones(4, dtype=torch.bool))
