"""Every shape inside another is the shape that it is alone."""

import random

import pytest

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock, clocks
from assay.tricks.inner_schedule import ScheduleTrick
from assay.tricks.quantity import QUANTITIES
from assay.tricks.schedule import TRICKS
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.restart import Restart

SHAPES = [kind for kind in TRICKS if isinstance(kind(), ScheduleTrick)]
STEPS, PER_EPOCH = 36, 3
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda kind: kind.__name__)


def home(epochs: float = STEPS / PER_EPOCH) -> Recipe:
    optimizer = SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.01)
    return Recipe(model=ResNet(width=4), optimizer=optimizer, batch_size=8, epochs=epochs)


def factor(recipe: Recipe, clock: Clock) -> float:
    """What the learning rate is multiplied by."""
    schedules = (recipe.learning_rate_schedule, recipe.learning_rate_warmup)
    first, second = (schedule(clock) if schedule else 1.0 for schedule in schedules)
    return first * second


def test_most_tricks_of_the_room_are_shapes():
    assert {Chain, ConstantLR, Product, Restart} < set(SHAPES) < set(TRICKS)
    assert len(SHAPES) >= 17


@every_shape
def test_alone_in_another_it_is_itself(shape):
    outer = Chain((shape(),), at=()), Product((shape(),)), Restart(shape(), period_epochs=STEPS / PER_EPOCH)
    moments = list(clocks(range(STEPS), total_steps=STEPS, steps_per_epoch=PER_EPOCH))
    expected = [factor(home() | shape(), clock) for clock in moments]
    for trick in outer:
        assert [factor(home() | trick, clock) for clock in moments] == pytest.approx(expected)


@every_shape
def test_after_a_hand_over_it_is_what_it_is_in_a_training_of_that_length(shape):
    recipe = home(2 * STEPS / PER_EPOCH) | Chain((ConstantLR(), shape()), at=(0.5,))
    moments = clocks(range(STEPS), total_steps=STEPS, steps_per_epoch=PER_EPOCH)
    expected = [factor(home() | shape(), clock) for clock in moments]
    later = [Clock(STEPS + step, 2 * STEPS, PER_EPOCH) for step in range(STEPS)]
    assert [factor(recipe, clock) for clock in later] == pytest.approx(expected)


@every_shape
def test_it_schedules_what_the_outer_one_says(shape):
    recipe = home()
    for of in QUANTITIES:
        recipe = recipe | Chain((shape(), ConstantLR()), at=(0.9,), of=of)
    clock = Clock(7, STEPS, PER_EPOCH)
    assert recipe.learning_rate_warmup is None
    schedules = (recipe.momentum_schedule, recipe.weight_decay_schedule, recipe.batch_size_schedule)
    for schedule in schedules:
        assert schedule is not None
        assert schedule(clock) == factor(recipe, clock)
    assert len(recipe.batch_edits) == 1


def nested(chance: random.Random, depth: int):
    """Any shape by its defaults, or shapes in shapes down to `depth`."""
    if depth == 0 or chance.random() < 0.3:
        return chance.choice([kind for kind in SHAPES if kind not in (Chain, Product, Restart)])()
    inner = tuple(nested(chance, depth - 1) for _ in range(chance.randint(1, 3)))
    # Even stretches: one of a third of a third of 50 epochs still holds a warm-up of 5.
    at = tuple(number / len(inner) for number in range(1, len(inner)))
    made = (Chain(inner, at), Product(inner), Restart(inner[0], chance.uniform(50.0, 90.0), chance.uniform(1.0, 3.0)))
    return chance.choice(made)


def test_any_nest_of_schedules_reads_back_and_says_the_same():
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(30):
        recipe = home(1000.0) | nested(chance, 3)
        again = recipe_from_toml(recipe_to_toml(recipe))
        assert again == recipe
        assert again.key() == recipe.key()
        assert again.describe() == recipe.describe()
        clock = Clock(chance.randrange(1000), 1000, 10)
        assert factor(again, clock) == factor(recipe, clock) >= 0.0
