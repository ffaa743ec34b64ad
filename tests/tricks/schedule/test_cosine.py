import math

import pytest
import torch

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.cosine import Cosine, cosine
from assay.tricks.schedule.warmup import Warmup


def test_first_middle_and_last_by_hand():
    assert cosine(Clock(0, 100, 10)) == 1.0
    assert cosine(Clock(25, 100, 10)) == pytest.approx((1 + math.sqrt(0.5)) / 2)
    assert cosine(Clock(50, 100, 10)) == pytest.approx(0.5)
    assert cosine(Clock(99, 100, 10)) == pytest.approx((1 + math.cos(0.99 * math.pi)) / 2)
    assert cosine(Clock(100, 100, 10)) == 0.0


def test_floor_is_where_it_ends():
    assert cosine(Clock(0, 10, 5), floor=0.2) == pytest.approx(1.0)
    assert cosine(Clock(5, 10, 5), floor=0.2) == pytest.approx(0.6)
    assert cosine(Clock(10, 10, 5), floor=0.2) == pytest.approx(0.2)


def test_floor_1_is_constant():
    assert [cosine(Clock(step, 10, 5), floor=1.0) for step in range(10)] == [1.0] * 10


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.1)
    for step in range(40):
        assert cosine(Clock(step, 40, 10), floor=0.1) == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()


def test_warmup_comes_first_and_the_cosine_starts_after_it():
    recipe = Recipe(epochs=10.0) | Cosine(warmup_epochs=2.0)
    schedule, rise = recipe.learning_rate_schedule, recipe.learning_rate_warmup
    assert schedule is not None
    assert rise is not None
    used = [schedule(Clock(step, 40, 4)) * rise(Clock(step, 40, 4)) for step in range(40)]
    assert used[0] == 1 / 8
    assert used[7] == 1.0
    assert used[8] == 1.0
    assert used[24] == pytest.approx(0.5)
    assert used[39] == pytest.approx((1 + math.cos(math.pi * 31 / 32)) / 2)


def test_without_warmup_the_warmup_slot_is_free():
    assert (Recipe() | Cosine() | Warmup(epochs=1.0)).learning_rate_warmup is not None
    with pytest.raises(RecipeError, match="Warmup and Cosine both set learning rate warmup"):
        Recipe() | Cosine(warmup_epochs=1.0) | Warmup(epochs=1.0)


def test_refusals():
    with pytest.raises(ValueError, match="warmup_epochs must be finite and at least 0, got -1"):
        Cosine(warmup_epochs=-1.0)
    with pytest.raises(ValueError, match=r"floor must be in \[0, 1\], got 2"):
        Cosine(floor=2.0)
    with pytest.raises(RecipeError, match="Cosine needs a training longer than its warm-up of 5 epochs"):
        Recipe(epochs=3.0) | Cosine(warmup_epochs=5.0)
