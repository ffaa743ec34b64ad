"""Every shape schedules every quantity."""

import pytest
import torch

from assay.learner import build_learner
from assay.loop import set_scheduled_values
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock
from assay.training.feed import Feed
from assay.training.train import train
from assay.tricks.kinds_of_inputs import missing_kind
from assay.tricks.quantity import MOST_TRIED, QUANTITIES, even_side, smallest_factor
from assay.tricks.schedule import TRICKS
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.warmup import Warmup

SHAPES = [kind for kind in TRICKS if "of" in kind.__dataclass_fields__]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda kind: kind.__name__)


def home(epochs: float = 20.0) -> Recipe:
    optimizer = SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
    return Recipe(model=ResNet(width=4), optimizer=optimizer, batch_size=8, epochs=epochs)


def test_most_tricks_of_the_room_are_shapes():
    assert len(SHAPES) >= 14


@every_shape
def test_one_shape_stands_once_for_each_quantity(shape):
    recipe = home()
    for of in QUANTITIES:
        recipe = recipe | shape(of=of)
    assert recipe_from_toml(recipe_to_toml(recipe)) == recipe
    clock = Clock(7, 100, 5)
    alone = home() | shape()
    expected = alone.learning_rate_schedule(clock) if alone.learning_rate_schedule else 1.0
    expected *= alone.learning_rate_warmup(clock) if alone.learning_rate_warmup else 1.0
    for schedule in (recipe.momentum_schedule, recipe.weight_decay_schedule, recipe.batch_size_schedule):
        assert schedule is not None
        assert schedule(clock) == pytest.approx(expected)
    assert len(recipe.batch_edits) == 1
    with pytest.raises(RecipeError, match=f"{shape.__name__} is already in the recipe"):
        _ = recipe | shape(of="momentum")


@every_shape
def test_an_unknown_quantity_is_refused(shape):
    with pytest.raises(ValueError, match=r"of must be one of learning_rate, momentum, .*, got 'depth'"):
        shape(of="depth")


def test_the_optimisers_values_follow_their_schedules(tiny_images):
    recipe = home() | LinearDecay(0.0) | LinearDecay(0.5, of="momentum") | LinearDecay(0.0, of="weight_decay")
    learner = build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu"))
    set_scheduled_values(learner.optimizer.param_groups, learner.schedules, Clock(5, 10, 5))
    group = learner.optimizer.param_groups[0]
    assert (group["lr"], group["momentum"], group["weight_decay"]) == pytest.approx((0.05, 0.675, 0.005))


def test_two_shapes_of_one_quantity_conflict_by_name():
    with pytest.raises(RecipeError, match="Cosine and LinearDecay both set weight decay schedule; keep one"):
        _ = home() | LinearDecay(of="weight_decay") | Cosine(of="weight_decay")
    with pytest.raises(RecipeError, match="Cosine and LinearDecay both set resolution; keep one"):
        _ = home() | LinearDecay(of="resolution") | Cosine(of="resolution")


def test_batch_sizes_are_read_once_an_epoch(tiny_images):
    """24 examples, batch 8, 4 epochs: a line from 1 to 0.5 gives 8, 7, 6 and 5 an epoch."""
    recipe = home(4.0) | LinearDecay(0.5, of="batch_size")
    feed = Feed(recipe, tiny_images.train, tiny_images.specification, seed=0)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(4)] == [8, 7, 6, 5]
    assert train(recipe, tiny_images).steps == 3 + 3 + 4 + 4


def test_resolutions_are_even_and_full_size_is_the_same_tensor():
    assert [even_side(28, factor) for factor in (1.0, 0.9, 0.5, 0.3, 0.01)] == [28, 26, 14, 8, 2]
    assert even_side(9, 1.0) == 9
    edit = (home() | LinearDecay(0.0, of="resolution")).batch_edits[0]
    images, targets = torch.rand(2, 3, 8, 12), torch.eye(2)
    found, same = edit(images, targets, torch.Generator(), Clock(5, 10, 5))
    assert found.shape == (2, 3, 4, 6)
    assert same is targets
    # Half the sides: bilinear sampling at the middle of each 2x2 block is its mean.
    torch.testing.assert_close(found, torch.nn.functional.avg_pool2d(images, 2))
    assert edit(images, targets, torch.Generator(), Clock(0, 10, 5))[0] is images


def test_what_a_recipe_lacks_is_named():
    without = Recipe(optimizer=SGD(momentum=0.0, weight_decay=0.0))
    with pytest.raises(RecipeError, match="Cosine needs an optimizer with momentum"):
        _ = without | Cosine(of="momentum")
    with pytest.raises(RecipeError, match="Cosine needs an optimizer with weight decay"):
        _ = without | Cosine(of="weight_decay")
    with pytest.raises(RecipeError, match="Cosine needs a network that takes images of any size"):
        _ = Recipe(model=MLP()) | Cosine(of="resolution")


@every_shape
def test_a_schedule_of_the_resolution_is_for_images_only(shape, tiny_table):
    kinds = {of: missing_kind(shape(of=of), tiny_table.specification) for of in QUANTITIES}
    assert kinds == {of: "images" if of == "resolution" else "" for of in QUANTITIES}


def test_only_the_learning_rate_has_a_slot_for_warm_up():
    both = home() | Cosine(warmup_epochs=2, of="momentum") | Warmup(2)
    assert both.learning_rate_warmup is not None
    assert both.momentum_schedule is not None
    assert both.momentum_schedule(Clock(0, 100, 5)) == pytest.approx(0.1)
    assert (home() | Warmup(2, of="momentum")).learning_rate_warmup is None
    with pytest.raises(ValueError, match="momentum goes against the learning rate, not weight_decay; leave it out"):
        OneCycle(momentum=(0.95, 0.85), of="weight_decay")


@pytest.mark.parametrize("epochs", [0.5, 3.0, 1e6])
def test_the_smallest_factor_is_found_in_few_tries_of_however_long_a_training(epochs):
    tried = []

    def falls(clock: Clock) -> float:
        tried.append(clock.step)
        return 1.0 - clock.progress / 2

    assert smallest_factor(falls, epochs) == pytest.approx(0.5, abs=0.5 / min(epochs * 10, MOST_TRIED))
    assert len(tried) <= MOST_TRIED
