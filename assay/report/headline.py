"""The verdict in sentences: what a reader remembers who reads nothing else.

Every sentence is derived from the story's numbers, so none can contradict the page below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from assay.ablation.wording import CLEAR_ALONE, leaves_out_zero
from assay.finding import Report
from assay.report.story import LOWER_IS_BETTER, RunStory, StageStory, TrickRow
from assay.report.wording import (
    count,
    duration,
    effect,
    effect_interval,
    interval,
    is_number,
    metric_name,
    number,
    score,
    times,
    value_text,
    words,
)

BALANCED = 1.5
"""Largest class over smallest up to which classes are called balanced."""
LONGEST_HEADLINE = 180
GATES = ("inspect", "verify")
"""Stages whose silence is news: they looked for faults and found none."""


def headline(story: RunStory) -> str:
    """Score, interval, n, how often the test split was read, and the best baseline, in one line.

    Of a stage alone, which scores no model: what it found.
    """
    if len(story.stages) == 1 and not (story.test or story.validation):
        return _alone(story, story.stages[0])
    return "; ".join(part for part in (_score_phrase(story), _baseline_phrase(story)) if part)


class Fact(NamedTuple):
    """One sentence of the verdict; `stage` is where the page proves it, `level` the worst it found there."""

    topic: str
    sentence: str
    stage: str = ""
    level: str = "note"


def facts(story: RunStory) -> tuple[Fact, ...]:
    """A sentence each: against the baselines, data, pipeline, other stages that raise an alarm, tricks, time."""
    told = (
        Fact("Model", _margin(story), "baselines"),
        Fact("Data", _data(story), "inspect", _worst(story, "inspect")),
        Fact("Pipeline", _pipeline(story), "verify", _worst(story, "verify")),
        *_alarms(story),
        Fact("Tricks", "" if _is_study(story) else _tricks(story), "ablate"),
        Fact("Settings", _settings(story), "tune"),
        Fact("Time", _time(story)),
    )
    return tuple(fact for fact in told if fact.sentence)


def verdict_parts(row: TrickRow, metric: str) -> tuple[str, str]:
    """A trick's verdict and, where no effect was measurable, which effect would have been seen.

    Of one whose own interval leaves out 0 the latter would be a riddle: it was seen, and is too little among so many.
    """
    verdict, _, detail = row.verdict.rstrip(")").partition(" (")
    is_unclear = verdict.startswith("no measurable effect")
    if not detail and is_unclear and leaves_out_zero(row.low, row.high):
        return verdict, CLEAR_ALONE
    if not detail and is_unclear and row.detectable is not None and is_number(row.detectable):
        unit = " points" if metric == "accuracy" else ""
        detail = f"would have seen \N{GREATER-THAN OR EQUAL TO} {effect(metric, row.detectable).lstrip('+')}{unit}"
    return verdict, detail


def verdict_text(row: TrickRow, metric: str) -> str:
    """Both parts in one line."""
    verdict, detail = verdict_parts(row, metric)
    return f"{verdict} ({detail})" if detail else verdict


def _alone(story: RunStory, stage: StageStory) -> str:
    if not stage.report.ok:
        return tally(stage)
    if stage.name in GATES or not stage.report.findings:
        return "Nothing proved wrong, nothing suspected"
    # a search ends with its answer, other stages begin with it
    told = stage.report.findings[-1 if stage.name == "tune" else 0]
    if stage.name == "tune" and "score" in told.evidence:
        return _tuned_phrase(story, told.evidence)
    if _is_study(story):
        return _tricks(story).rstrip(".")
    return _baseline_phrase(story).capitalize() or _short(told.summary)


def _is_study(story: RunStory) -> bool:
    """Whether the page is of an ablation alone, whose tricks are its headline."""
    return [stage.name for stage in story.stages] == ["ablate"] and bool(_tricks(story)) and story.stages[0].report.ok


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


def _settings(story: RunStory) -> str:
    """Which settings stay after a tuning alone, and how sure that is."""
    stage = _find(story, "tune")
    told = stage.report.findings[-1].evidence if stage is not None and stage.report.findings else {}
    if len(story.stages) > 1 or "score" not in told:
        return ""
    if told["kept"] == "own":
        return "The recipe's own settings stay: no others did better where nothing was chosen on."
    settings = ", ".join(f"{words(one)} {value_text(value)}" for one, value in told.get("best", {}).items())
    means = {"helps": "clearly better", "no measurable effect": "no measurable gain, and yet the better guess"}
    named = f"{settings[:1].upper()}{settings[1:]}" if settings else "Those of the disciplined approach"
    return f"{named}: {means.get(str(told['verdict']), str(told['verdict']))}."


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


def _margin(story: RunStory) -> str:
    # Baselines are scored on the validation split: like is held against like.
    best, told = story.best_baseline, story.validation or story.test
    if best is None or told is None:
        return ""
    margin, name = told.value - best.value, words(best.name)
    size = f"{effect(story.metric, abs(margin)).lstrip('+')} {'points' if story.metric == 'accuracy' else 'in R²'}"
    where = " on validation" if story.validation is not None else ""
    if margin == 0:
        return f"The model does not beat the best baseline, {name}: both reach the same{where}."
    if margin < 0:
        return f"The model does not beat the best baseline, {name}: it is {size} below it{where}."
    beats = f"The model beats the best baseline, {name}, by {size}{where}"
    if told.low > best.high:
        return f"{beats}; their intervals do not meet."
    return f"{beats}; their intervals overlap, so part of that may be chance."


def _data(story: RunStory) -> str:
    stage = _find(story, "inspect")
    if stage is None:
        return ""
    if stage.report.ok:
        size = sum(n for _, n in story.data.split_sizes)
        learned = "; ".join(part for part in (_balance(story, stage), _copies(stage)) if part)
        found = f"Nothing wrong was found in {f'{size:,} {story.data.noun}' if size else 'the data'}"
        return f"{found}: {learned}." if learned else f"{found}."
    worst = stage.report.alerts[0]
    return f"The data has {tally(stage)}; first of all: {_sentence(worst.summary)}"


def _alarms(story: RunStory) -> list[Fact]:
    """The worst finding of each later stage that has one to be alarmed by."""
    alarmed = (stage for stage in story.ordered_stages if stage.name not in GATES and not stage.report.ok)
    return [
        Fact(words(stage.name).capitalize(), _sentence(stage.report.alerts[0].summary), stage.name,
             stage.report.alerts[0].level)
        for stage in alarmed
    ]  # fmt: skip


def _worst(story: RunStory, name: str) -> str:
    stage = _find(story, name)
    return "note" if stage is None or stage.report.ok else stage.report.alerts[0].level


def _balance(story: RunStory, stage: StageStory) -> str:
    """`10 classes, balanced within 5 %`, or the range of the targets; empty if the audit tells of neither."""
    classes, ratio = len(story.data.classes), _measured(stage, "class_balance", "ratio")
    if classes and ratio is not None:
        spread = f"balanced within {100 * (ratio - 1):.0f} %" if ratio < BALANCED else f"the largest {ratio:.3g} times"
        return f"{classes} classes, {spread}" + ("" if ratio < BALANCED else " the smallest")
    low, high = (_measured(stage, "targets", name) for name in ("low", "high"))
    return f"targets from {number(low)} to {number(high)}" if low is not None and high is not None else ""


def _copies(stage: StageStory) -> str:
    """`no duplicates`, or how many there are inside the splits."""
    copies = next((f.evidence.get("copies") for f in stage.report.findings if f.id == "duplicates"), None)
    if not isinstance(copies, Mapping):
        return ""
    found = sum(copies.values())
    read = " among those read" if stage.report.skipped else ""
    return (count(found, "duplicate") if found else "no duplicates") + read


def _measured(stage: StageStory, finding: str, name: str) -> float | None:
    values = (f.evidence.get(name) for f in stage.report.findings if f.id == finding)
    return next((float(value) for value in values if isinstance(value, (int, float)) and is_number(value)), None)


def _pipeline(story: RunStory) -> str:
    stage = _find(story, "verify")
    if stage is None:
        return ""
    if stage.report.ok:
        failed, passed = sum(skip.failed for skip in stage.report.skipped), len({f.id for f in stage.report.findings})
        skipped = len(stage.report.skipped) - failed
        tail = f"; {count(skipped, 'check was', 'checks were')} skipped" if skipped else ""
        tail += f"; {count(failed, 'check')} could not be made" if failed else ""
        return f"The training pipeline passed {count(passed, 'check')}{tail}."
    return f"The training pipeline has {tally(stage)}; first of all: {_sentence(stage.report.alerts[0].summary)}"


def _tricks(story: RunStory) -> str:
    tried = len(story.best_tricks_first)
    if not tried:
        return ""
    helps, hurts = _with_verdict(story, "helps"), _with_verdict(story, "hurts")[::-1]
    unclear = tried - len(helps) - len(hurts)
    if unclear == tried:
        return (
            f"None of {tried} tricks had a measurable effect."
            if tried > 1
            else "The one trick tried had no measurable effect."
        )
    parts = [f"{len(helps) or 'None'} of {count(tried, 'trick')} paid{_listed(helps, story.effect_metric)}"]
    if hurts:
        parts.append(f"{len(hurts)} hurt{_listed(hurts, story.effect_metric)}")
    if unclear:
        parts.append(f"{unclear} had no measurable effect")
    return "; ".join(parts) + "."


def _time(story: RunStory) -> str:
    used = f"The run took {duration(story.seconds)}"
    budget = f" of its {duration(story.budget_seconds)} budget" if story.budget_seconds else ""
    hardware = f" on {story.hardware}" if story.hardware else ""
    return f"{used}{budget}{hardware}."


def _find(story: RunStory, name: str) -> StageStory | None:
    reached = (stage for stage in story.stages if stage.name == name and stage.status in ("done", "partial"))
    return next(reached, None)


def tally(stage: StageStory) -> str:
    """Of a stage's report."""
    return tally_of(stage.report)


def tally_of(report: Report) -> str:
    """`1 proved and 2 suspected problems`; empty when there is none."""
    if report.ok:
        return ""
    proved = sum(finding.level == "proved" for finding in report.findings)
    suspect = len(report.alerts) - proved
    parts = [f"{proved} proved" if proved else "", f"{suspect} suspected" if suspect else ""]
    noun = "problem" if len(report.alerts) == 1 else "problems"
    return " and ".join(part for part in parts if part) + f" {noun}"


def _with_verdict(story: RunStory, verdict: str) -> list[TrickRow]:
    return [row for row in story.best_tricks_first if row.verdict.startswith(verdict)]


def _listed(rows: list[TrickRow], metric: str) -> str:
    if not rows:
        return ""
    named = ", ".join(f"{words(row.trick).removesuffix('()')} {effect(metric, row.effect)}" for row in rows[:3])
    unit = " points" if metric == "accuracy" else ""
    return f" ({named}{unit}{', ...' if len(rows) > 3 else ''})"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
