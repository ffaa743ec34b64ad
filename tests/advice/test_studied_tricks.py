"""Rules about tricks go by the ablation's verdicts, whatever its metric, and leave pairs of tricks alone."""

from __future__ import annotations

import pytest
from measured import healthy, short_of_target

from assay.advice.judgement import Advised, Fine, NotMeasured
from assay.advice.rules import measured_tricks, mirrored_labels
from assay.tricks.batch.flip import Flip


def row(trick: str, effect: float, verdict: str, *, half: float = 0.005, **more: str) -> dict:
    return {"trick": trick, "effect": effect, "low": effect - half, "high": effect + half, "n": 5, "kept": False,
            "verdict": verdict, **more}  # fmt: skip


def test_a_loss_that_falls_is_a_help_and_no_gain_of_the_score():
    found = measured_tricks.judge(short_of_target(tricks=(row("Mixup()", -0.05, "helps", metric="loss"),)))
    assert isinstance(found, Advised)
    assert found.action == "Add Mixup."
    assert (found.at_stake, found.expected.quantity) == (0.0, "known")
    assert "-0.0500 of loss" in found.measured


def test_a_loss_that_rises_is_no_reason_to_add_it():
    assert isinstance(
        measured_tricks.judge(short_of_target(tricks=(row("Mixup()", 0.05, "hurts", metric="loss"),))), Fine
    )


def test_an_interval_beside_0_is_not_enough_for_a_family_of_tricks():
    tricks = (row("Mixup()", 0.01, "no measurable effect"),)
    assert isinstance(measured_tricks.judge(short_of_target(tricks=tricks)), Fine)


def test_what_two_add_to_each_other_is_neithers_own():
    tricks = (row("Flip() and Mixup()", -0.02, "hurts"),)
    held = short_of_target(recipe=healthy().recipe | Flip(), tricks=tricks)  # pyright: ignore[reportOptionalOperand]
    assert isinstance(measured_tricks.judge(held), NotMeasured)
    assert isinstance(mirrored_labels.judge(held), NotMeasured)


def test_a_gain_of_the_score_comes_before_a_larger_one_of_another_metric():
    tricks = (row("Mixup()", -0.5, "helps", metric="loss"), row("Cutout()", 0.02, "helps"))
    found = measured_tricks.judge(short_of_target(tricks=tricks))
    assert isinstance(found, Advised)
    assert found.action == "Add Cutout."
    assert found.at_stake == pytest.approx(0.02)


def test_mirroring_goes_by_the_verdict_too():
    held = short_of_target(recipe=healthy().recipe | Flip(),  # pyright: ignore[reportOptionalOperand]
                           tricks=(row("Flip()", -0.01, "no measurable effect"),))  # fmt: skip
    assert isinstance(mirrored_labels.judge(held), Fine)
