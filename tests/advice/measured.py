"""Measurements of a healthy run, to plant one fault at a time in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from simulated import sample, score, simulate

from assay.advice.asked import AskedData
from assay.advice.curves import Curves
from assay.advice.measurements import Measurements
from assay.finding import Finding
from assay.models.convnet import ConvNet
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.training.sample import TrainingSample

STEPS = (0, 400, 800, 1100, 1300, 1500, 1600, 1700, 1800, 1900, 1950, 1999)
LAYERS = ("first", "second")


def samples(*, ratio: float = 2e-3, dead: float = 0.1, saturated: float = 0.1) -> tuple[TrainingSample, ...]:
    """What the monitors saw, the same at all steps; units were alive at first."""
    return tuple(
        sample(step, update_ratios=dict.fromkeys(LAYERS, ratio), dead={"first relu": dead if step else 0.0},
               saturated={"second tanh": saturated}, gradient_norm=1.0)
        for step in STEPS
    )  # fmt: skip


def curves(**changes: Any) -> Curves:
    """Of a training that went well."""
    base = simulate(0.5, seed=1, schedule="cosine")
    sure = np.linspace(0.5, 1.0, len(base.looks))
    answers = np.stack([np.repeat(sure[:, None], 12, 1), np.repeat(1 - sure[:, None], 12, 1)], axis=-1)
    return replace(base, samples=samples(), dynamics=answers, **changes)


def finding(name: str, *, level: str = "note", **evidence: Any) -> Finding:
    """What a stage found."""
    return Finding(name, level, f"{name} was looked at.", evidence, "A cause." if level != "note" else "",
                   "A fix." if level != "note" else "")  # pyright: ignore[reportArgumentType]  # fmt: skip


CHECKS = ("gradient_check", "step_direction", "overfit_one_batch", "input_scale", "vanishing_gradients",
          "exploding_gradients", "initialization_scale", "train_validation_overlap", "duplicate_examples")  # fmt: skip


def stage_findings() -> dict[str, Finding]:
    """Of all stages of a run that went well."""
    found = {f"verify.{name}": finding(name) for name in CHECKS}
    found["inspect.duplicates"] = finding("duplicates")
    found["overfit.capacity"] = finding("capacity")
    found["tune.learning_rate_range"] = finding("learning_rate_range", low=1e-3, high=3e-2, recipe=2e-3)
    found["tune.hyperparameters"] = finding("hyperparameters", trials=20, best={"learning_rate": 5e-3})
    found["squeeze.shipped_model"] = finding("shipped_model", **{"ensemble of 3": {"value": 0.97, "loss": 0.1}})
    found["squeeze.accuracy_against_coverage"] = finding("accuracy_against_coverage", **{"100%": 0.96, "90%": 0.99})
    found["test.worst_errors"] = finding("worst_errors", ids=[])
    found["test.first_layer_filters"] = finding("first_layer_filters", filters=32, flat=0)
    found["learning curve.learning_curve"] = finding("learning_curve", low=0.03, high=0.06, now=0.04, size=20_000,
                                                     examples=10_000)  # fmt: skip
    return found


def healthy(**changes: Any) -> Measurements:
    """A run of images that reached its target of .95."""
    base = Measurements(
        asked=AskedData("digits", seed=3), folder=Path("runs/digits"), recipe_file=Path("runs/digits/recipe.toml"),
        stages=("inspect",), recipe=Recipe(model=ConvNet(), optimizer=AdamW(2e-3), batch_size=64, epochs=20.0),
        curves=curves(), training=score(0.975), validation=score(0.96), shipped=score(0.96), target=0.93,
        target_from="given", chance=0.1, input_shape=(1, 8, 8), examples=10_000, validation_examples=1_000,
        per_class={"a": 5_100, "b": 4_900}, neighbours=(500, 5),
        baseline=("nearest neighbours", 0.9, 0.88, 0.92, 1000),
        tricks=({"trick": "Flip()", "effect": 0.001, "low": -0.01, "high": 0.012, "n": 3,
                 "verdict": "no measurable effect", "kept": False},),
        findings=stage_findings(), test_reads=1,
    )  # fmt: skip
    return replace(base, **changes)


def with_finding(name: str, found: Finding | None, **changes: Any) -> Measurements:
    """A healthy run with one finding in place of its own, or without it."""
    kept = {key: one for key, one in stage_findings().items() if key != name}
    return healthy(findings=kept if found is None else {**kept, name: found}, **changes)


def short_of_target(**changes: Any) -> Measurements:
    """Training fits, validation lags far behind it."""
    return healthy(**{"training": score(0.995, half=0.004), "validation": score(0.8), "shipped": score(0.8), **changes})


def not_fitting(**changes: Any) -> Measurements:
    """Neither training nor validation examples are answered well."""
    return healthy(**{"training": score(0.6), "validation": score(0.59), "shipped": score(0.59), **changes})


def nothing() -> Measurements:
    """Of a folder that holds next to nothing."""
    return Measurements(asked=AskedData("digits"))


def restless(looks: int = 12) -> Curves:
    """Answers that flip between two from look to look, at a rate that is kept."""
    answers = np.zeros((looks, 12, 2))
    answers[::2, :, 0], answers[1::2, :, 1] = 1.0, 1.0
    base = simulate(0.5, seed=1)
    return replace(base, looks=np.linspace(100, 2000, looks), dynamics=answers, samples=samples(),
                   validation_losses=np.full(looks, 0.5), validation_values=np.full(looks, 0.6),
                   scores={"validation": score(0.6)})  # fmt: skip
