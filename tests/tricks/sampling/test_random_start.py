import pytest
import torch

from assay.recipe import Recipe
from assay.training.feed import Feed
from assay.tricks.sampling.random_start import RandomStart

TARGETS = torch.zeros(50, dtype=torch.long)


def test_the_stored_order_around_the_start():
    order = RandomStart().order(TARGETS, 3, 0)
    assert sorted(order.tolist()) == list(range(50))
    assert set(order.diff().tolist()) <= {1, -49}


def test_seeds_and_epochs_start_apart_and_repeat():
    starts = [int(RandomStart().order(TARGETS, seed, 0)[0]) for seed in range(200)]
    assert len(set(starts)) > 40
    assert starts[7] == int(RandomStart().order(TARGETS, 7, 0)[0])
    assert len({int(RandomStart().order(TARGETS, 3, epoch)[0]) for epoch in range(20)}) > 10
    assert max(int(RandomStart(0.2).order(TARGETS, seed, 0)[0]) for seed in range(200)) == 9


def test_share_0_is_the_stored_order():
    assert torch.equal(RandomStart(0.0).order(TARGETS, 3, 5), torch.arange(50))


def test_the_feed_reads_by_it(tiny_images):
    feed = Feed(Recipe(batch_size=6) | RandomStart(), tiny_images.train, tiny_images.specification, seed=1)
    seen = torch.cat(list(feed.indices(range(4))))
    assert torch.equal(seen, RandomStart().order(tiny_images.train.targets, 1, 0))


def test_refusal():
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got -1"):
        RandomStart(-1.0)
