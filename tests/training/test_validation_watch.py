"""Looks at validation one by one: when to stop, which weights to keep, at what rate to go on."""

import math

import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.training.validation_watch import ValidationWatch
from assay.tricks.schedule.divide_on_plateau import DivideOnPlateau
from assay.tricks.stopping.early_stopping import EarlyStopping


def watch_losses(watch: ValidationWatch, losses: list[float]) -> list[bool]:
    """What `observe` says of a network whose weight is the number of the look."""
    model, said = nn.Linear(1, 1, bias=False), []
    for number, loss in enumerate(losses):
        nn.init.constant_(model.weight, number)
        said.append(watch.observe(model, loss))
    return said


def test_a_recipe_that_watches_nothing_waits_for_nothing_and_ends_with_what_it_has():
    watch = ValidationWatch(Recipe())
    assert not watch.waits
    assert watch_losses(watch, [1.0, 2.0, math.nan]) == [True] * 3
    assert (watch.rate_factor, watch.best_weights, watch.stopped) == (1.0, None, False)


@pytest.mark.parametrize("restore_best", [True, False])
def test_patience_ends_the_training_with_the_best_weights_or_the_last(restore_best: bool):
    watch = ValidationWatch(Recipe() | EarlyStopping(patience_epochs=2, restore_best=restore_best))
    assert watch.waits
    assert watch_losses(watch, [math.nan, 1.0, 0.5, 0.7]) == [True, True, True, not restore_best]
    assert not watch.stopped
    watch_losses(watch, [0.6])
    assert watch.stopped
    if restore_best:
        assert watch.best_weights is not None
        assert torch.equal(watch.best_weights["weight"], torch.tensor([[2.0]])), "a copy, of the third look"
    else:
        assert watch.best_weights is None


def test_a_restored_watch_goes_on_as_the_one_it_was_saved_from():
    recipe = Recipe() | EarlyStopping(patience_epochs=3) | DivideOnPlateau(2.0, patience_epochs=1)
    watch, other = ValidationWatch(recipe), ValidationWatch(recipe)
    watch_losses(watch, [1.0, 2.0, 2.0])
    other.restore(watch.state())
    assert other.rate_factor == watch.rate_factor == 0.25
    for one in (watch, other):
        watch_losses(one, [2.0])
        assert one.stopped
        assert one.best_weights is not None
        assert one.best_weights["weight"].item() == 0.0
