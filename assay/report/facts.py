"""The verdict in sentences: what stands under the headline.

Every sentence is derived from the story's numbers, so none can contradict the page below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from assay.report.story import RunStory, StageStory
from assay.report.tally import GATES, tally
from assay.report.trick_verdicts import is_study, tricks_sentence
from assay.report.wording import count, duration, effect, is_number, number, value_text, words

BALANCED = 1.5
"""Largest class over smallest up to which classes are called balanced."""


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
        Fact("Tricks", "" if is_study(story) else tricks_sentence(story), "ablate"),
        Fact("Settings", _settings(story), "tune"),
        Fact("Time", _time(story)),
    )
    return tuple(fact for fact in told if fact.sentence)


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


def _time(story: RunStory) -> str:
    used = f"The run took {duration(story.seconds)}"
    budget = f" of its {duration(story.budget_seconds)} budget" if story.budget_seconds else ""
    hardware = f" on {story.hardware}" if story.hardware else ""
    return f"{used}{budget}{hardware}."


def _find(story: RunStory, name: str) -> StageStory | None:
    reached = (stage for stage in story.stages if stage.name == name and stage.status in ("done", "partial"))
    return next(reached, None)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
