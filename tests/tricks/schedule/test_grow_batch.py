import pytest

from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.training.feed import Feed
from assay.training.train import Training, train
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.grow_batch import GrowBatch


def recipe(epochs: float = 10.0, **options) -> Recipe:
    return Recipe(model=MLP((4,)), optimizer=SGD(0.1), batch_size=2, epochs=epochs) | GrowBatch(**options)


def test_first_boundary_and_last_by_hand():
    """5, 25 and then the cap of 40 batches; what is missing to 125 the rate falls."""
    grown = recipe()
    assert grown.batch_size_schedule is not None
    assert grown.learning_rate_schedule is not None
    clocks = [Clock(100 * epoch, 1000, 100) for epoch in range(10)]
    assert list(map(grown.batch_size_schedule, clocks)) == [1, 1, 1, 5, 5, 5, 25, 25, 40, 40]
    assert list(map(grown.learning_rate_schedule, clocks)) == pytest.approx([1.0] * 8 + [0.32] * 2)


def test_the_noise_falls_as_under_step_decay():
    grown = recipe(factor=3.0, cap=4.0)
    assert grown.batch_size_schedule is not None
    assert grown.learning_rate_schedule is not None
    for epoch in range(10):
        # Of the loop's clock only the passes say which epoch it is.
        rate = grown.learning_rate_schedule(Clock(epoch, 999, 7, passes=float(epoch)))
        noise = rate / grown.batch_size_schedule(Clock(epoch, 10, 1))
        assert noise == pytest.approx(3.0 ** -sum(epoch >= start for start in (3, 6, 8)))


def test_the_feed_grows_and_the_rate_changes_with_it(tiny_images):
    """24 examples: batches of 2, 6 and 18, in 12, 4 and 1 steps an epoch."""
    grown = recipe(4.0, milestones=(0.5, 0.75), factor=3.0, cap=3.0)
    feed = Feed(grown, tiny_images.train, tiny_images.specification, seed=0)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(4)] == [2, 2, 6, 6]
    rates = [step.learning_rate for step in Training(grown, tiny_images)]
    assert rates == pytest.approx([0.1] * (12 + 12 + 4) + [0.1 / 3] * 4)


def test_the_rate_falls_by_what_the_split_is_too_small_for(tiny_images):
    """24 examples: asked for are batches of 8, 40 and 200, there are 8 and 24, so the rate falls by 3/5 and 3/25."""
    grown = recipe(3.0, milestones=(0.3, 0.6)).change(batch_size=8)
    feed = Feed(grown, tiny_images.train, tiny_images.specification, seed=0)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(3)] == [8, 24, 24]
    rates = [step.learning_rate for step in Training(grown, tiny_images)]
    assert rates == pytest.approx([0.1] * 3 + [0.1 * 3 / 5] + [0.1 * 3 / 25])


def test_batches_grow_to_whole_first_ones_so_that_batch_and_rate_agree(tiny_images):
    """24 examples in batches of 10: two of these make the largest, of 20, for which the rate falls by 2/5."""
    grown = recipe(2.0, milestones=(0.5,)).change(batch_size=10)
    feed = Feed(grown, tiny_images.train, tiny_images.specification, seed=0)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(2)] == [10, 20]
    assert [step.learning_rate for step in Training(grown, tiny_images)] == pytest.approx([0.1] * 2 + [0.1 * 2 / 5])


def test_nothing_has_grown_in_the_first_epoch(tiny_images):
    """A milestone that rounds to epoch 0 would be a larger batch from the start, which is no growth."""
    grown = recipe(4.0, milestones=(0.1, 0.5), factor=2.0)
    feed = Feed(grown, tiny_images.train, tiny_images.specification, seed=0)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(4)] == [2, 4, 8, 8]


def test_factor_1_is_off(tiny_images):
    off = recipe(2.0, factor=1.0)
    plain = off.without(GrowBatch)
    expected, found = (train(r, tiny_images).model.state_dict() for r in (plain, off))
    assert all(expected[name].equal(found[name]) for name in expected)


def test_refusals():
    with pytest.raises(ValueError, match=r"milestones must be in \[0, 1\], got 30"):
        GrowBatch(milestones=(30.0,))
    with pytest.raises(ValueError, match="milestones must rise"):
        GrowBatch(milestones=(0.5, 0.2))
    with pytest.raises(ValueError, match=r"factor must be in \[1, 1e\+06\], got 0.5"):
        GrowBatch(factor=0.5)
    with pytest.raises(ValueError, match=r"cap must be finite and at least 1, got 0.5"):
        GrowBatch(cap=0.5)
    with pytest.raises(RecipeError, match="Cosine and GrowBatch both set learning rate schedule"):
        _ = recipe() | Cosine()
