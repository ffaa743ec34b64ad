"""A stack means the same in every order, or is refused by name, as far as the optimiser and its schedules go.

Edits that any number may share act in the order of the stack; they are not looked at here.
"""

import random
from dataclasses import fields
from itertools import permutations
from typing import Any

import pytest
import torch

from assay.data.specification import Specification
from assay.learner import build_learner
from assay.loop import set_scheduled_values
from assay.models.resnet import ResNet
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe, RecipeError, Trick
from assay.schedule import Clock
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.optimizer import TRICKS as OF_OPTIMISERS
from assay.tricks.optimizer.adagrad import Adagrad
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.nesterov import Nesterov
from assay.tricks.optimizer.rmsprop import RMSProp
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.quantity import QUANTITIES
from assay.tricks.schedule import TRICKS as SCHEDULES
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.rising_momentum import RisingMomentum
from assay.tricks.step.lbfgs import LBFGS

CLOCKS = [Clock(step, 60, 3) for step in (0, 18, 59)]
DRAWS = 30
CPU = torch.device("cpu")
Settings = list[list[dict[str, object]]]


def home(momentum: float = 0.9, weight_decay: float = 0.0) -> Recipe:
    optimizer = SGD(learning_rate=0.1, momentum=momentum, weight_decay=weight_decay)
    return Recipe(model=ResNet(width=2), optimizer=optimizer, batch_size=8, epochs=20.0)


def settings_over_time(recipe: Recipe, specification: Specification) -> Settings:
    """What the optimiser's groups hold at each moment, and the batch sizes' factors."""
    learner, seen = build_learner(recipe, specification, seed=0, device=CPU), []
    sizes = recipe.batch_size_schedule
    for clock in CLOCKS:
        set_scheduled_values(learner.optimizer.param_groups, learner.schedules, clock)
        groups = [
            {name: len(value) if name == "params" else value for name, value in group.items()}
            for group in learner.optimizer.param_groups
        ]
        seen.append([{"optimizer": type(learner.optimizer), "size": sizes and sizes(clock)}, *groups])
    return seen


def outcome(home: Recipe, tricks: tuple[Trick, ...], specification: Specification) -> Settings | None:
    """The optimiser's settings over time; None where the stack is refused, which must name one of its tricks."""
    try:
        recipe = home
        for trick in tricks:
            recipe = recipe | trick
    except RecipeError as error:
        if not any(type(trick).__name__ in str(error) for trick in tricks):
            pytest.fail(f"{tricks} are refused without a name: {error}")
        return None
    return settings_over_time(recipe, specification)


def draw_trick(chance: random.Random) -> Trick:
    """Any trick of the optimiser or a schedule, with settings that are not its defaults."""
    kind: type[Any] = chance.choice((*OF_OPTIMISERS, *SCHEDULES, LBFGS, Fixup))
    names = {field.name for field in fields(kind)}
    ranges = {"learning_rate": (0.01, 1.0), "momentum": (0.0, 0.98), "weight_decay": (0.0, 0.1)}
    own: dict[str, Any] = {
        name: chance.choice((least, chance.uniform(least, most)))
        for name, (least, most) in ranges.items()
        if name in names
    }
    if kind is OneCycle:
        own["momentum"] = chance.choice((None, (0.95, 0.85)))
    if "of" in names and own.get("momentum") is None:
        own["of"] = chance.choice([of for of in QUANTITIES if of != "resolution"])
    return kind(**own)


def test_any_order_trains_the_same_or_is_refused(tiny_images):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance, compared = random.Random(seed), 0
    for _ in range(DRAWS):
        tricks = tuple(draw_trick(chance) for _ in range(chance.choice((2, 2, 3))))
        base = home(momentum=chance.choice((0.0, 0.9)), weight_decay=chance.choice((0.0, 1e-4)))
        base = chance.choice((base, base.change(optimizer=AdamW())))
        stood = [found for order in permutations(tricks) if (found := outcome(base, order, tiny_images.specification))]
        for found in stood[1:]:
            assert found == stood[0], f"{tricks} on {base.describe()} depends on its order"
        compared += len(stood) > 1
    assert compared >= DRAWS // 10, "almost all were refused, so almost nothing was compared"


@pytest.mark.parametrize(
    ("schedule", "optimizer", "ends"),
    [
        (RisingMomentum(), HeavyBall(momentum=0.99), (0.5, 0.99)),
        (OneCycle(momentum=(0.95, 0.85)), Nesterov(momentum=0.98), (0.95, 0.95)),
        (OneCycle(momentum=(0.95, 0.85)), UseAdam(momentum=0.5), (0.95, 0.95)),
    ],
    ids=repr,
)
def test_momentum_is_what_the_schedule_says_whichever_came_first(schedule, optimizer, ends, tiny_images):
    for recipe in (home() | schedule | optimizer, home() | optimizer | schedule):
        learner = build_learner(recipe, tiny_images.specification, seed=0, device=CPU)
        found = []
        for step in (0, 1000):
            set_scheduled_values(learner.optimizer.param_groups, learner.schedules, Clock(step, 1000, 50))
            group = learner.optimizer.param_groups[0]
            found.append(group["betas"][0] if "betas" in group else group["momentum"])
        assert found == pytest.approx(ends)


@pytest.mark.parametrize(
    "schedule", [RisingMomentum(), OneCycle(momentum=(0.95, 0.85)), Cosine(of="momentum")], ids=repr
)
@pytest.mark.parametrize("optimizer", [RMSProp(), Adagrad(), LBFGS(), HeavyBall(momentum=0.0)], ids=repr)
def test_a_later_optimiser_without_what_a_schedule_needs_is_refused(schedule, optimizer):
    name = type(optimizer).__name__
    needs = f"{type(schedule).__name__} needs an optimizer with momentum; this recipe has .*{name}"
    with pytest.raises(RecipeError, match=f"{name} cannot be the optimizer of this recipe: {needs}"):
        _ = home() | schedule | optimizer
    with pytest.raises(RecipeError, match=needs):
        _ = home() | optimizer | schedule


def test_decay_that_is_taken_from_its_schedule_is_missed():
    needs = "Cosine needs an optimizer with weight decay"
    with pytest.raises(RecipeError, match=f"HeavyBall cannot be the optimizer of this recipe: {needs}"):
        _ = home(weight_decay=1e-4) | Cosine(of="weight_decay") | HeavyBall()
    with pytest.raises(RecipeError, match=f"WeightDecay takes away what another trick needs: {needs}"):
        _ = home(weight_decay=1e-4) | Cosine(of="weight_decay") | WeightDecay(0.0)
    both = home() | WeightDecay(0.1) | Cosine(of="weight_decay")
    assert (both | HeavyBall()).optimizer.weight_decay == 0.1


def test_a_trick_that_sets_momentum_itself_meets_one_that_schedules_it():
    class SetMomentum:
        def __call__(self, recipe: Recipe) -> Recipe:
            return recipe.set_options(self, "optimizer", momentum=0.5)

    with pytest.raises(RecipeError, match="SetMomentum and RisingMomentum both set the optimizer's momentum; keep one"):
        _ = home() | RisingMomentum() | SetMomentum()
