"""All rules together: every file is in the catalogue, healthy trainings are left alone, faulty ones are not."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from simulated import SCHEDULES, score, simulate

import assay.advice
from assay.advice.advise import advise, curves_of
from assay.advice.catalog import RULES
from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.batch.mixup import Mixup
from assay.tricks.target.label_smoothing import LabelSmoothing


def test_every_rule_is_in_the_catalogue_and_names_its_source():
    room = Path(assay.advice.__file__).parent.glob("*.py")
    files = {path.stem for path in room if "def judge(curves: Curves)" in path.read_text()}
    modules = {rule.__module__.rsplit(".", 1)[1] for rule in RULES}
    assert modules == files
    for rule in RULES:
        assert "Source:" in (__import__(rule.__module__, fromlist=["x"]).__doc__ or "")


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_healthy_trainings_get_no_advice(seed: int, schedule: str):
    curves = simulate(0.3, seed=seed, schedule=schedule)
    findings, _ = advise(replace(curves, scores={"training": score(0.9), "validation": score(0.88)}))
    advice = [(finding.id, finding.summary) for finding in findings if finding.fix]
    assert [name for name, _ in advice if name != "train_validation_gap"] == [], advice
    assert all(finding.source and not finding.is_alert for finding in findings)


def test_mixed_and_smoothed_losses_are_not_held_against_validation(seed: int):
    """A floor that targets raise lifts the training loss alone, by far above that of validation."""
    curves = simulate(0.3, seed=seed, schedule="cosine")
    findings, _ = advise(replace(curves, losses=curves.losses + 1.0))
    assert not any(finding.fix for finding in findings)


def test_a_run_of_twenty_steps_is_left_in_peace(seed: int):
    findings, skipped = advise(simulate(0.3, seed=seed, total=20))
    assert not any(finding.fix for finding in findings)
    assert len(skipped) >= 7
    assert all("too few points" in skip.reason or "not evaluated" in skip.reason for skip in skipped)


def test_what_broke_comes_first_and_the_other_rules_are_silent(seed: int):
    curves = simulate(0.3, seed=seed)
    findings, skipped = advise(replace(curves, losses=np.where(curves.steps > 500, math.nan, curves.losses)))
    assert findings[0].id == "loss_finite"
    assert [finding.id for finding in findings if finding.fix] == ["loss_finite"]
    assert {"loss_shape", "loss_width", "overfitting"} <= {skip.id for skip in skipped}


def test_a_real_training_is_read_from_its_history(tiny_images: Data):
    made = Recipe(MLP((16,)), optimizer=SGD(0.05), batch_size=8, epochs=20) | Mixup(0.2) | LabelSmoothing()
    run = train(made, tiny_images)
    curves = curves_of(run, len(tiny_images.train))
    assert (curves.steps_per_epoch, curves.metric, curves.chance) == (3, "accuracy", 0.25)
    findings, skipped = advise(curves)
    assert len(findings) + len(skipped) == len(RULES)
    assert curves.dynamics.shape == (10, 8, 4)
    assert curves.epochs == 20
