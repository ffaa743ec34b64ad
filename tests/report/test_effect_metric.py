"""A study that chose a metric of its own: everywhere its effects are told in it, the best first."""

from __future__ import annotations

from dataclasses import replace

from assay.report import render_html
from assay.report.facts import facts
from assay.report.score_strip import trick_strip
from assay.report.story import RunStory, TrickRow
from assay.report.summary import summarize
from assay.report.trick_verdicts import verdict_text
from assay.report.worth import Worth

LOSS = (
    TrickRow("one_cycle", 0.46, 0.41, 0.51, 5, "hurts", False, 1.0, metric="loss"),
    TrickRow("ema", -0.05, -0.07, -0.03, 5, "helps", True, 1.0, metric="loss"),
    TrickRow("mixup", 0.02, -0.01, 0.05, 5, "no measurable effect", False, 1.0, 0.03, metric="loss"),
)


def test_a_loss_that_falls_stands_first_and_nothing_is_told_in_points(story: RunStory) -> None:
    told = replace(story, tricks=LOSS)
    assert (told.effect_metric, story.effect_metric, told.metric) == ("loss", "accuracy", "accuracy")
    strip = trick_strip(told)
    assert strip is not None
    assert [row.trick for row, _ in strip.rows] == ["ema", "mixup", "one_cycle"]
    (sentence,) = [fact.sentence for fact in facts(told) if fact.topic == "Tricks"]
    assert (
        sentence
        == "1 of 3 tricks paid (ema \N{MINUS SIGN}0.050); 1 hurt (one cycle +0.460); 1 had no measurable effect."
    )
    page = render_html(told)
    assert "Change of validation loss, of which less is better, with and without" in page


def test_rows_of_a_summary_name_the_metric_only_where_it_was_chosen(story: RunStory) -> None:
    rows = summarize(replace(story, tricks=LOSS))["tricks"]
    assert {row["metric"] for row in rows} == {"loss"}
    assert all("metric" not in row for row in summarize(story)["tricks"])


def test_what_is_clear_alone_but_not_among_so_many_is_told_so() -> None:
    """No size of effect that "would have been seen" beside a larger one that was."""
    row = TrickRow("mixup", -0.0172, -0.0334, -0.001, 5, "no measurable effect", False, 1.0, 0.0069)
    assert verdict_text(row, "accuracy") == "no measurable effect (clear alone, not among so many)"
    unclear = replace(row, high=0.001)
    assert verdict_text(unclear, "accuracy") == (
        "no measurable effect (would have seen \N{GREATER-THAN OR EQUAL TO} 0.69 points)"
    )
    kept = Worth("run", "digits", "mixup", "accuracy", -0.0172, -0.0334, -0.001, 5, "no measurable effect", 0.0069)
    assert kept.sentence.endswith("(95 %, n = 5; clear alone, not among so many)")


def test_usual_studies_stay_as_they_are(story: RunStory) -> None:
    assert "Change of validation accuracy in percentage points, with and without" in render_html(story)
