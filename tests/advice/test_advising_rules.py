"""Every rule is silent on a healthy run, catches a fault that was planted, and says what it lacks.

The cases are in one table; a rule that is not in it fails the first test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from measured import (
    curves,
    finding,
    healthy,
    not_fitting,
    nothing,
    restless,
    samples,
    short_of_target,
    with_finding,
)
from simulated import score, simulate

from assay.advice.judgement import Advised, Fine, NotMeasured
from assay.advice.measurements import Measurements
from assay.advice.rule_catalog import ADVISING
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.batch.flip import Flip
from assay.tricks.drop.dropout import Dropout

RULES = {rule.name: rule for rule in ADVISING}
TOLD_ONLY = ("data_size", "refusal", "first_filters", "test_readings")
"""Rules that tell a number to read the others by, and ask for nothing."""


def exploded() -> Measurements:
    losses = np.array([2.3] * 40 + [math.nan] * 40)
    broken = replace(curves(), steps=np.arange(80.0), losses=losses, rates=np.full(80, 0.1))
    return not_fitting(curves=broken)


def straight() -> Measurements:
    return not_fitting(curves=replace(simulate(2e-5, seed=3, gradient_noise=0.01, loss_noise=0.001, decades=0.5),
                                      samples=samples()))  # fmt: skip


def spiky() -> Measurements:
    seen = list(samples())
    seen[6] = replace(seen[6], gradient_norm=500.0)
    return not_fitting(curves=replace(curves(), samples=tuple(seen)))


def at_rest() -> Measurements:
    stuck = simulate(1.9, seed=4, gradient_noise=0.5)
    return not_fitting(curves=replace(stuck, losses=np.full(len(stuck.losses), 1.0) + 0.01 * np.sin(stuck.steps),
                                      samples=samples()))  # fmt: skip


def wide() -> Measurements:
    return not_fitting(curves=replace(simulate(0.02, seed=1, batch=1, steps_per_epoch=4, floor=0.1, start=3.0),
                                      samples=samples(ratio=2e-2)))  # fmt: skip


def still_falling() -> Measurements:
    steps = np.arange(90.0)
    falling = replace(
        curves(), steps=steps, losses=2.3 * np.exp(-steps / 30) + 0.001 * np.cos(steps), rates=np.full(90, 0.1)
    )
    return not_fitting(curves=falling)


def rose_again() -> Measurements:
    losses = np.concatenate([np.linspace(1, 0.3, 4), np.linspace(0.32, 0.9, 8)])
    values = np.concatenate([np.linspace(0.5, 0.9, 4), np.linspace(0.89, 0.7, 8)])
    steps = np.arange(0.0, 2000.0, 5)
    return short_of_target(curves=replace(
        curves(), steps=steps, losses=2.3 * np.exp(-steps / 900), rates=np.full(400, 0.1),
        looks=np.linspace(100, 2000, 12), validation_losses=losses, validation_values=values,
        scores={"validation": score(0.7)},
    ))  # fmt: skip


def plateau() -> Measurements:
    looks = 12
    base = simulate(0.5, seed=6)
    return short_of_target(curves=replace(
        base, samples=samples(), looks=np.linspace(100, 2000, looks),
        losses=0.3 + 0.01 * np.random.default_rng(1).normal(size=len(base.losses)),
        validation_losses=0.5 + 0.01 * np.cos(3.0 * np.arange(looks)), validation_values=np.full(looks, 0.8),
    ))  # fmt: skip


ROW = {"n": 5, "kept": False, "verdict": "helps"}
PLANTED: dict[str, tuple[Callable[[], Measurements], str]] = {
    "unfinished": (lambda: healthy(missing=("squeeze", "test")), "assay run --resume --out runs/digits"),
    "pipeline_fault": (lambda: with_finding("verify.gradient_check", finding("gradient_check", level="proved")),
                       "assay verify digits --seed 3"),
    "tiny_fit": (lambda: with_finding("verify.overfit_one_batch", finding("overfit_one_batch", level="suspect")),
                 "assay verify"),
    "input_scale": (lambda: with_finding("verify.input_scale", finding("input_scale", level="suspect")),
                    "assay verify"),
    "diverged_loss": (exploded, "UseAdamW(learning_rate=0.0002)"),
    "learning_rate_shape": (straight, "UseAdamW(learning_rate=0.006)"),
    "step_size": (lambda: not_fitting(curves=replace(curves(), samples=samples(ratio=2e-5))),
                  "UseAdamW(learning_rate=0.02)"),
    "gradient_at_rest": (at_rest, "UseAdamW(learning_rate=0.0004)"),
    "gradient_spikes": (spiky, "GradientClip(max_norm=2)"),
    "idle_units": (lambda: not_fitting(curves=replace(curves(), samples=samples(dead=0.7))),
                   "UseAdamW(learning_rate=0.00067)"),
    "saturated_units": (lambda: not_fitting(curves=replace(curves(), samples=samples(saturated=0.8))), "BatchNorm()"),
    "first_weights": (lambda: with_finding("verify.initialization_scale",
                                           finding("initialization_scale", level="suspect")), "LayerSequentialInit()"),
    "batch_norm": (lambda: with_finding("verify.vanishing_gradients", finding("vanishing_gradients", level="suspect")),
                   "assay train"),
    "simple_rival": (lambda: healthy(baseline=("nearest neighbours", 0.995, 0.99, 0.999, 1000)), "assay verify"),
    "duplicates": (lambda: with_finding("inspect.duplicates", finding("duplicates", level="suspect")), "assay inspect"),
    "label_noise": (lambda: short_of_target(neighbours=(500, 100)), "assay clean digits --seed 3"),
    "class_balance": (lambda: short_of_target(per_class={"a": 5_000, "b": 50}), "BalancedSampling()"),
    "training_length": (still_falling, "--epochs 60"),
    "capacity": (not_fitting, "Widen(factor=2)"),
    "dropout": (lambda: not_fitting(recipe=Recipe(model=MLP()) | Dropout(0.5)), "--without Dropout"),
    "loss_choice": (lambda: not_fitting(recipe=Recipe(loss=MeanSquaredError())), "assay train digits --seed 3 --out"),
    "optimizer_choice": (lambda: not_fitting(recipe=Recipe(optimizer=SGD(0.1, momentum=0.0))),
                         "HeavyBall(learning_rate=0.01, momentum=0.9)"),
    "batch_size": (lambda: short_of_target(recipe=Recipe(batch_size=4096)), "--batch-size 1024"),
    "wide_loss": (wide, "UseAdamW(learning_rate=0.001)"),
    "more_data": (lambda: replace(short_of_target(), findings={}), "assay learning-curve digits --seed 3"),
    "learning_curve": (lambda: short_of_target(findings={"learning curve.learning_curve": finding(
        "learning_curve", low=0.1, high=0.15, now=0.2, size=20_000, examples=10_000)}), "assay clean"),
    "early_stop": (rose_again, "EarlyStopping()"),
    "regularisation": (short_of_target, "assay ablate digits --seed 3"),
    "measured_tricks": (lambda: short_of_target(tricks=(
        {"trick": "Mixup(alpha=0.2)", "effect": 0.02, "low": 0.01, "high": 0.03, **ROW},)), "Mixup(alpha=0.2)"),
    "mirrored_labels": (lambda: short_of_target(recipe=healthy().recipe | Flip(), tricks=(  # pyright: ignore
        {"trick": "Flip()", "effect": -0.02, "low": -0.03, "high": -0.01, **ROW, "verdict": "hurts"},)),
        "--without Flip"),
    "rate_decay": (plateau, "Cosine()"),
    "restless_answers": (lambda: short_of_target(curves=restless()), "Cosine()"),
    "searched_rate": (lambda: short_of_target(findings={}), "assay tune digits --seed 3"),
    "search_effort": (lambda: with_finding("tune.hyperparameters", finding(
        "hyperparameters", trials=4, best={"learning_rate": 5e-3}), validation=score(0.8)), "--budget 15m"),
    "ensemble": (lambda: short_of_target(findings={}), "assay squeeze"),
    "worst_mistakes": (lambda: with_finding("test.worst_errors", finding("worst_errors", ids=["digits/3"]),
                                            validation=score(0.8)), "assay ui runs/digits"),
    "validation_size": (lambda: healthy(target=0.955), "--seed 4"),
}  # fmt: skip
ALWAYS_SOMETHING = ("unfinished", "searched_rate", "ensemble")
"""Rules whose missing measurement is itself what they speak of."""


def test_every_rule_has_a_planted_case():
    assert set(PLANTED) | set(TOLD_ONLY) == set(RULES)
    assert len(RULES) == len(ADVISING)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_healthy_run_gets_no_advice(name: str):
    found = RULES[name].judge(healthy())
    assert isinstance(found, Fine), found
    assert found.measured


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_fault_is_caught_with_its_command(name: str):
    run, wanted = PLANTED[name]
    found = RULES[name].judge(run())
    assert isinstance(found, Advised), found
    assert wanted in " ".join(found.command.words)
    assert found.action
    assert found.cause
    assert 0.0 <= found.at_stake <= 1.0


@pytest.mark.parametrize("name", sorted(set(RULES) - set(ALWAYS_SOMETHING)))
def test_without_its_measurement_a_rule_says_what_is_missing_and_what_measures_it(name: str):
    found = RULES[name].judge(nothing())
    assert isinstance(found, NotMeasured), found
    assert found.missing
    assert found.measure is not None
    assert found.measure.words[0] == "assay"


@pytest.mark.parametrize("name", sorted(RULES))
def test_curves_that_are_no_numbers_break_no_rule(name: str):
    base = curves()
    looks = np.full(len(base.looks), math.nan)
    losses = np.full(len(base.losses), math.nan)
    broken = replace(base, losses=losses, validation_losses=looks, validation_values=looks)
    nan = replace(score(0.5), value=math.nan, low=math.nan, high=math.nan)
    judged = RULES[name].judge(healthy(curves=broken, training=nan, validation=nan, shipped=nan))
    assert isinstance(judged, Fine | NotMeasured | Advised)


def test_underfitting_without_a_target_is_the_larger_part_of_the_error():
    found = RULES["capacity"].judge(not_fitting(target=None))
    assert isinstance(found, Advised)
    assert found.at_stake == pytest.approx(0.4)


def test_where_no_size_fits_it_is_the_data_that_are_looked_at():
    run = not_fitting(findings={"overfit.capacity": finding("capacity", level="suspect")})
    found = RULES["capacity"].judge(run)
    assert isinstance(found, Advised)
    assert found.command.words[:2] == ("assay", "clean")


def test_dropout_is_put_into_wide_layers_with_enough_examples_and_a_gap():
    wide_layers = short_of_target(recipe=Recipe(model=MLP(hidden=(512,))))
    found = RULES["dropout"].judge(wide_layers)
    assert isinstance(found, Advised)
    assert "Dropout()" in str(found.command)
    assert isinstance(RULES["dropout"].judge(replace(wide_layers, examples=1_000)), Fine)


def test_a_reading_of_test_too_many_is_told():
    found = RULES["test_readings"].judge(healthy(test_reads=3))
    assert isinstance(found, Fine)
    assert "read 3 times" in found.measured
