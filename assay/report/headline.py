"""The verdict in one line: what a reader remembers who reads nothing else.

It is derived from the story's numbers, so it cannot contradict the page below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.report.story import LOWER_IS_BETTER, RunStory, StageStory
from assay.report.tally import GATES, tally
from assay.report.trick_verdicts import is_study, tricks_sentence
from assay.report.wording import (
    count,
    effect,
    effect_interval,
    interval,
    metric_name,
    score,
    times,
    words,
)

LONGEST_HEADLINE = 180


def headline(story: RunStory) -> str:
    """Score, interval, n, how often the test split was read, and the best baseline, in one line.

    Of a stage alone, which scores no model: what it found.
    """
    if len(story.stages) == 1 and not (story.test or story.validation):
        return _alone(story, story.stages[0])
    return "; ".join(part for part in (_score_phrase(story), _baseline_phrase(story)) if part)


def _alone(story: RunStory, stage: StageStory) -> str:
    if not stage.report.ok:
        return tally(stage)
    if stage.name in GATES or not stage.report.findings:
        return "Nothing proved wrong, nothing suspected"
    # a search ends with its answer, other stages begin with it
    told = stage.report.findings[-1 if stage.name == "tune" else 0]
    if stage.name == "tune" and "score" in told.evidence:
        return _tuned_phrase(story, told.evidence)
    if is_study(story):
        return tricks_sentence(story).rstrip(".")
    return _baseline_phrase(story).capitalize() or _short(told.summary)


def _tuned_phrase(story: RunStory, told: Mapping[str, Any]) -> str:
    """What the settings that stay come to, where nothing was chosen on, and what they gain."""
    reached, metric = told["score"], told["metric"]
    name = "" if metric == "accuracy" else f"{metric_name(metric)} "
    found = f"{name}{score(metric, reached['value'])} {interval(metric, reached['low'], reached['high'])}"
    where = (
        f"on {reached['n']:,} validation {story.data.noun} kept back, mean of {count(reached['seeds'], 'fresh seed')}"
    )
    if told["kept"] == "own":
        return f"{found} {where}, with the recipe's own settings"
    gain = f"{effect(metric, told['gain'])} {effect_interval(metric, told['low'], told['high'])}"
    unit = " points" if metric == "accuracy" else ""
    less = " (less is better)" if metric in LOWER_IS_BETTER else ""
    return f"{found} {where}; {gain}{unit} over the recipe's own settings{less}"


def _short(summary: str) -> str:
    """The first sentence of what is too long for a headline."""
    return summary if len(summary) <= LONGEST_HEADLINE else summary.partition(". ")[0].rstrip(".") + "."


def _score_phrase(story: RunStory) -> str:
    metric, noun = story.metric, story.data.noun
    name = "" if metric == "accuracy" else f"{metric_name(metric)} "
    if story.test is not None:
        told = story.test
        reads = f", read {times(told.reads)}" if told.reads is not None else ""
        found = f"{name}{score(metric, told.value)} {interval(metric, told.low, told.high)}"
        return f"{found} on {told.n:,} held-out {noun}{reads}"
    if story.validation is not None:
        told = story.validation
        found = f"{name}{score(metric, told.value)} {interval(metric, told.low, told.high)}"
        return f"{found} on {told.n:,} validation {noun}, the test split not read yet"
    return "no model scored yet"


def _baseline_phrase(story: RunStory) -> str:
    best = story.best_baseline
    return f"best baseline: {words(best.name)} {score(story.metric, best.value)}" if best else ""
