"""Over whole trainings and random settings every factor is finite and not negative."""

import math
import random

import pytest

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.cyclic_cosine import CyclicCosine
from assay.tricks.schedule.exp_range import ExpRange
from assay.tricks.schedule.exponential import Exponential
from assay.tricks.schedule.flat_then_cosine import FlatThenCosine
from assay.tricks.schedule.grow_batch import GrowBatch
from assay.tricks.schedule.inverse_square_root import InverseSquareRoot
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.polynomial import Polynomial
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.progressive_resizing import ramp
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.rising_momentum import RisingMomentum
from assay.tricks.schedule.sgdr import SGDR
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.triangular import Triangular
from assay.tricks.schedule.triangular2 import Triangular2
from assay.tricks.schedule.warmup import Warmup


def random_tricks(draw: random.Random, epochs: float):
    share, low = draw.random, draw.uniform(0.0, 1.0)
    length = draw.uniform(0.0, 0.9) * epochs
    triangle = {"low_factor": low, "peak_factor": low + share(), "step_epochs": draw.uniform(0.01, 5.0)}
    alone = (
        *(ConstantLR(), LinearDecay(share()), Exponential(share() + 1e-9, draw.uniform(0.01, 9.0), share() < 0.5)),
        *(StepDecay((0.2, 0.2 + 0.7 * share()), share() + 1e-9), Warmup(length, draw.choice(("one_step", "zero")))),
        *(Polynomial(draw.uniform(0.0, 9.0), length), Cosine(length, share()), InverseSquareRoot(length)),
        *(
            FlatThenCosine(draw.choice((0.0, share(), 1.0)), share()),
            OneCycle(share(), share(), share(), 0.9 * share()),
        ),
        *(SGDR(draw.uniform(0.01, 9.0), draw.uniform(1.0, 3.0), share()), CyclicCosine(draw.randint(1, 30), share())),
        *(Triangular(**triangle), Triangular2(**triangle), ExpRange(**triangle, gamma=share() + 1e-9)),
    )
    inner = [
        trick
        for trick in alone
        if getattr(trick, "warmup_epochs", 0.0) == 0.0 and not isinstance(trick, Warmup | Polynomial)
    ]
    return (
        *alone,
        *(RisingMomentum((0.1, 0.5 + 0.4 * share(), 0.95)), GrowBatch((share(),), draw.uniform(1.0, 9.0), 1 + share())),
        *(Chain(tuple(draw.sample(inner, 3)), (0.3, 0.3 + 0.6 * share())), Product(tuple(draw.sample(alone, 3)))),
        Restart(Chain(tuple(draw.sample(inner, 2)), (share(),)), draw.uniform(0.01, 9.0), draw.uniform(1.0, 3.0)),
    )


@pytest.mark.parametrize("seed", range(20))
def test_every_factor_is_finite_and_not_negative(seed):
    print("seed", seed)
    draw = random.Random(seed)
    steps_per_epoch, epochs = draw.randint(1, 7), draw.uniform(0.5, 12.0)
    total = max(1, round(steps_per_epoch * epochs))
    recipe = Recipe(model=ResNet(width=4), optimizer=SGD(weight_decay=0.1), epochs=epochs)
    for trick in random_tricks(draw, epochs):
        with_it = recipe | trick
        schedules = [
            *(with_it.learning_rate_schedule, with_it.learning_rate_warmup),
            *(with_it.momentum_schedule, with_it.batch_size_schedule),
        ]
        # The clock of the batch size ends with progress 1.
        for clock in (Clock(step, total, steps_per_epoch) for step in range(total + 1)):
            for schedule in filter(None, schedules):
                assert math.isfinite(schedule(clock)), (trick, clock)
                assert schedule(clock) >= 0.0, (trick, clock)
    first, start = draw.random(), draw.random()
    end = draw.uniform(start, 1.0)
    sizes = [ramp(Clock(step, total, 1), first=first, start=start, end=end) for step in range(total + 1)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 1.0
