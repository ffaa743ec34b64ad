"""Why two runs differ: each reason is told where there is one, worst first, and nothing is made up."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.example_scores import keep_scores
from assay.report.story import Score
from assay.run_comparison.details import Details
from assay.run_comparison.past_run import PastRun
from assay.run_comparison.why import why

RUN = PastRun("a", Path("a"), "run", "digits", 0, "done", 50.0, 60.0, datetime(2026, 1, 1, tzinfo=UTC),
              test=Score("accuracy", 0.9, 0.85, 0.94, 100), request={"source": "digits", "seed": 0})  # fmt: skip
RECIPE = {"batch_size": 8, "epochs": 4.0, "model": {"kind": "MLP", "hidden": [8]}, "tricks": [{"kind": "EMA"}]}
ENVIRONMENT = {"torch": "2.13.0", "device": "cpu", "threads": 2, "numerics": 1}
FIRST = Details(RUN, "f1", RECIPE, ENVIRONMENT)


def second(run: dict[str, Any] | None = None, **changed: Any) -> Details:
    return replace(FIRST, run=replace(RUN, name="b", **(run or {})), **changed)


def ids(other: Details) -> list[str]:
    return [finding.id for finding in why(FIRST, other).findings]


def found(other: Details, id: str) -> str:
    (finding,) = (finding for finding in why(FIRST, other).findings if finding.id == id)
    return finding.summary


def test_equal_runs_differ_in_nothing() -> None:
    report = why(FIRST, second())
    assert [finding.id for finding in report.findings] == ["difference_of_scores", "nothing_differs"]
    assert report.findings[1].summary == "Nothing that is recorded differs."
    assert report.skipped == ()


def test_a_difference_inside_the_noise_is_called_so_and_one_beyond_it_names_the_better() -> None:
    worse, better = ({"test": Score("accuracy", value, value - 0.04, value + 0.03, 100)} for value in (0.87, 0.97))
    assert "0.00 [" in found(second(), "difference_of_scores")
    assert found(second(worse), "difference_of_scores").endswith("unpaired), inside the noise.")
    assert found(second(better), "difference_of_scores").endswith(
        "+7.00 [+1.34, +12.83] percentage points (95 %, unpaired), the second is better beyond the luck of the "
        "examples."
    )


def test_a_score_without_its_interval_is_compared_with_nothing() -> None:
    bare = {"test": Score("accuracy", 0.97, math.nan, math.nan, 100)}
    report = why(FIRST, second(bare))
    assert "difference_of_scores" not in [finding.id for finding in report.findings]
    (skipped,) = report.skipped
    assert "one of the scores has no interval" in skipped.reason


def test_the_same_examples_are_paired() -> None:
    scores = torch.tensor([1.0] * 90 + [0.0] * 10).double()
    kept = keep_scores([str(number) for number in range(100)], scores)
    report = why(replace(FIRST, examples=kept), second(examples=kept))
    assert "paired on the same 100 examples" in report.findings[0].summary
    assert report.findings[0].evidence["paired"]


@pytest.mark.parametrize(("run", "changed", "told"), [
    ({"source": "cats"}, {"data": "f2"}, "The data differ: digits against cats."),
    ({}, {"data": "f2"}, "The data differ though both are digits: the source was changed between the two."),
    ({"seed": 1}, {"data": "f2"}, "The data differ though both are digits: another seed draws other splits, where the "
                                  "source has none of its own."),
    ({"request": {"skip_bad": True}}, {"data": "f2"}, "The data differ though both are digits: they were read with "
                                                      "--skip-bad None against True."),
])  # fmt: skip
def test_other_data_come_first_and_say_why(run: dict[str, Any], changed: dict[str, Any], told: str) -> None:
    report = why(FIRST, second(run, **changed))
    assert (report.findings[0].id, report.findings[0].level) == ("differs_in_data", "suspect")
    assert report.findings[0].summary == told


def test_another_path_to_the_same_data_is_no_difference() -> None:
    assert "differs_in_data" not in ids(second({"source": "copy/of/digits"}))


def test_recipe_length_versions_seed_and_machine_in_this_order() -> None:
    recipe = {**RECIPE, "epochs": 9.0, "tricks": []}
    other = second({"seed": 5, "budget": 120.0, "seconds": 100.0}, recipe=recipe,
                   environment={**ENVIRONMENT, "torch": "2.4.0", "threads": 1})  # fmt: skip
    assert ids(other) == ["difference_of_scores", "differs_in_recipe", "differs_in_length", "differs_in_versions",
                          "differs_in_seed", "differs_in_machine"]  # fmt: skip
    assert found(other, "differs_in_recipe") == "The recipes differ in 1 place: EMA() only in the first."
    assert found(other, "differs_in_length") == (
        "They were trained for other lengths: epochs 4 against 9; budget 1 min against 2 min; they took 50 s and "
        "1 min 40 s."
    )
    assert found(other, "differs_in_versions") == "They were computed differently: torch 2.13.0 against 2.4.0."
    assert found(other, "differs_in_seed") == "The seeds differ: 0 against 5."
    assert found(other, "differs_in_machine") == "They ran on other machines or versions: threads 2 against 1."


def test_more_steps_in_the_same_time_are_the_machine() -> None:
    report = why(FIRST, second(recipe={**RECIPE, "epochs": 9.0}))
    assert "one machine, or a quieter one, makes more steps" in report.findings[-1].cause


def test_what_was_not_recorded_is_said_and_not_guessed() -> None:
    report = why(FIRST, second({"test": None}, data="", recipe={}, environment={}))
    assert {skip.id: skip.reason for skip in report.skipped} == {
        "difference_of_scores": "there is no score of one split in both",
        "differs_in_data": "not recorded by b",
        "differs_in_recipe": "not recorded by b",
        "differs_in_versions": "not recorded by b",
    }
    assert report.findings[0].summary == (
        "Nothing that is recorded differs. Not everything is recorded, though: see what was skipped."
    )


def test_scores_of_two_metrics_are_not_subtracted() -> None:
    report = why(FIRST, second({"test": Score("r2", 0.5, 0.4, 0.6, 100)}))
    assert report.skipped[0].reason == "one is accuracy, the other R²"
