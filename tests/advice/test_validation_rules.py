"""Overfitting and plateaus of the validation loss, and the curves that look like them."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import SCHEDULES, score, simulate

from assay.advice import overfitting, validation_plateau
from assay.advice.curves import Curves
from assay.finding import Finding, Skipped


def told(found: Finding | Skipped) -> Finding:
    assert isinstance(found, Finding)
    assert found.level == "note"
    return found


@pytest.mark.parametrize("rule", [overfitting, validation_plateau])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_healthy_trainings_ask_for_nothing(seed: int, rule, schedule: str):
    found = told(rule.judge(simulate(0.1, seed=seed, schedule=schedule)))
    assert not found.fix, found.summary


def test_overfitting_is_seldom_seen_where_there_is_none(seed: int):
    chance = np.random.default_rng(seed)
    seen = 0
    curves = simulate(0.3, seed=seed, total=200)
    for _ in range(100):
        losses = 0.5 + 0.01 * chance.normal(size=10)
        seen += bool(told(overfitting.judge(replace(curves, validation_losses=losses))).fix)
    assert seen <= 6


def overfitted(seed: int, *, values_fall: bool) -> Curves:
    """Lowest at the fourth of ten looks, while the training loss falls to the end."""
    curves = simulate(0.1, seed=seed, loss_noise=0.02)
    rising = np.array([1.0, 0.7, 0.6, 0.55, 0.6, 0.65, 0.7, 0.78, 0.85, 0.9])
    values = np.linspace(0.8, 0.7 if values_fall else 0.85, 10)
    return replace(curves, validation_losses=rising, validation_values=values)


def test_a_validation_loss_that_rises_while_training_goes_on_names_the_step(seed: int):
    found = told(overfitting.judge(overfitted(seed, values_fall=True)))
    assert "Stop near step 800" in found.fix
    assert "by heart" in found.cause


def test_answers_that_grow_too_sure_are_another_thing(seed: int):
    found = told(overfitting.judge(overfitted(seed, values_fall=False)))
    assert "Set a `Temperature`" in found.fix
    assert "accuracy went from" in found.summary


def test_a_metric_that_fell_within_its_interval_did_not_fall(seed: int):
    curves = overfitted(seed, values_fall=True)
    found = told(overfitting.judge(replace(curves, scores={"validation": score(0.7, half=0.11)})))
    assert "by more than it is known to" in found.cause


def test_a_rise_while_training_does_not_fall_is_not_overfitting(seed: int):
    curves = overfitted(seed, values_fall=True)
    found = told(overfitting.judge(replace(curves, losses=np.full_like(curves.losses, 0.5))))
    assert not found.fix
    assert "does not fall meanwhile" in found.summary


def test_a_plateau_at_a_kept_rate_mostly_asks_for_a_lower_one(seed: int):
    """Of 20 trainings that have arrived: by luck, the last of ten looks may be the best."""
    chance = np.random.default_rng(seed)
    found = 0
    for each in chance.integers(2**32, size=20).tolist():
        arrived = simulate(1.0, seed=each, total=400, gradient_noise=0.3, decades=1.0)
        found += "Lower the learning rate now" in told(validation_plateau.judge(arrived)).fix
    assert found >= 10


def test_a_plateau_while_training_still_fits_asks_to_stop(seed: int):
    curves = simulate(0.1, seed=seed, loss_noise=0.01)
    level = 0.5 + 0.01 * np.sin(np.arange(10))
    assert "Stop here" in told(validation_plateau.judge(replace(curves, validation_losses=level))).fix


def test_what_never_learned_has_no_plateau(seed: int):
    assert not told(validation_plateau.judge(simulate(1e-6, seed=seed))).fix


@pytest.mark.parametrize("rule", [overfitting, validation_plateau])
def test_tiny_runs_say_nothing(seed: int, rule):
    curves = simulate(0.1, seed=seed, total=20)
    curves = replace(curves, looks=curves.looks[:5], validation_losses=curves.validation_losses[:5])
    found = rule.judge(curves)
    assert isinstance(found, Skipped)
    assert "too few points" in found.reason
