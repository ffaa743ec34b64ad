"""The headline of a page of one stage: a tuning's score with n and interval, a study's tricks said once."""

from __future__ import annotations

from dataclasses import replace

from assay.finding import Finding, Report
from assay.report.facts import facts
from assay.report.headline import headline
from assay.report.story import RunStory, StageStory, TrickRow

SCORE = {"value": 0.9861, "low": 0.9701, "high": 0.9972, "seeds": 5, "n": 96}
EVIDENCE = {"best": {"learning_rate": 0.003, "MLP.hidden": "(64,)"}, "metric": "accuracy", "gain": 0.0021,
            "low": -0.0037, "high": 0.0079, "verdict": "no measurable effect", "kept": "winner",
            "score": SCORE}  # fmt: skip


def tuned(story: RunStory, **evidence: object) -> RunStory:
    findings = (Finding("search_round_1", "note", "tried"), Finding("tuned", "note", "Best.", EVIDENCE | evidence))
    stage = StageStory("tune", "Tune", "Which?", "done", 1.0, Report("tune", findings))
    return replace(story, stages=(stage,), test=None, validation=None, baselines=(), tricks=())


def told(story: RunStory, topic: str) -> str:
    return next((fact.sentence for fact in facts(story) if fact.topic == topic), "")


def test_a_tuning_tells_score_interval_n_and_gain(story: RunStory) -> None:
    page = tuned(story)
    assert headline(page) == (
        "98.6 % [97.0, 99.7] on 96 validation digits kept back, mean of 5 fresh seeds; "
        "+0.21 [\N{MINUS SIGN}0.37, +0.79] points over the recipe's own settings"
    )
    assert told(page, "Settings") == (
        "Learning rate 0.003, MLP.hidden (64,): no measurable gain, and yet the better guess."
    )


def test_own_settings_that_stay_have_their_own_score(story: RunStory) -> None:
    page = tuned(story, kept="own")
    assert headline(page).endswith("5 fresh seeds, with the recipe's own settings")
    assert told(page, "Settings").startswith("The recipe's own settings stay")


def test_another_metric_has_its_name_and_no_per_cent(story: RunStory) -> None:
    page = tuned(story, metric="f1")
    assert headline(page).startswith("macro F1 0.986 [0.970, 0.997] on 96 validation digits")
    assert " points" not in headline(page)
    assert headline(tuned(story, metric="loss")).endswith("over the recipe's own settings (less is better)")


def test_without_a_measured_score_the_answer_is_its_first_sentence(story: RunStory) -> None:
    page = tuned(story)
    findings = (Finding("tuned", "note", "Nothing was trained to its end.", {}),)
    stage = replace(page.stages[0], report=Report("tune", findings))
    assert headline(replace(page, stages=(stage,))) == "Nothing was trained to its end."
    assert told(replace(page, stages=(stage,)), "Settings") == ""


def test_a_study_alone_says_its_tricks_once(story: RunStory) -> None:
    stage = StageStory("ablate", "Regularise", "Which?", "done", 1.0,
                       Report("ablate", (Finding("trick_effects", "note", "Of 1 effect, none helps."),)))  # fmt: skip
    row = TrickRow("Mixup()", 0.0, -0.01, 0.01, 3, "no measurable effect", False)
    page = replace(story, stages=(stage,), test=None, validation=None, baselines=(), tricks=(row,))
    assert headline(page) == "The one trick tried had no measurable effect"
    assert told(page, "Tricks") == ""
    assert told(story, "Tricks")
