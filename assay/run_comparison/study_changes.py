"""What two studies or searches were asked differently, and on which tricks they came to another verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.figure import Table
from assay.finding import Finding
from assay.report.wording import count
from assay.run_comparison.change import NONE, Change, evidence_of, named, table_of
from assay.run_comparison.details import Details

LISTS = {"tricks": "trick", "over": "searched"}
"""Options of which there may be several, and what one of them is called."""
EFFECTS = "measured_effects"
USUAL = "as usual"
"""An option that was not given."""


def in_question(first: Details, second: Details) -> Finding | None:
    """Kind, tricks, design, seeds, metric; or what was searched, and how."""
    changes = question_changes(first, second)
    if not changes:
        return None
    return Finding(
        "differs_in_question", "note",
        f"They were asked differently in {count(len(changes), 'place')}: {named(changes)}.", evidence_of(changes),
        cause="Other designs, seeds and metrics measure other things; only what is in both can be held against it.",
        figures=(table_of("What was asked", changes),),
    )  # fmt: skip


def question_changes(first: Details, second: Details) -> list[Change]:
    """Of the options of two studies, or of two searches; of two kinds, these alone."""
    if first.run.kind != second.run.kind:
        return [Change("what was asked", first.run.kind, second.run.kind)]
    here, there = first.asked, second.asked
    names = [*here, *(name for name in there if name not in here)]
    found = [
        Change(name.replace("_", " "), _text(here.get(name)), _text(there.get(name)))
        for name in names if name not in LISTS and here.get(name) != there.get(name)
    ]  # fmt: skip
    return found + [change for name in names if name in LISTS for change in _of_lists(name, here, there)]


def _of_lists(name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    here, there = (list(asked.get(name) or ()) for asked in (first, second))
    found = [Change(LISTS[name], one, NONE) for one in here if one not in there]
    found += [Change(LISTS[name], NONE, one) for one in there if one not in here]
    if not found and here != there:
        found.append(Change(f"order of {name}", " | ".join(here), " | ".join(there)))
    return found


def _text(value: Any) -> str:
    """One option, as it was given."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return USUAL if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def in_effects(first: Details, second: Details) -> Finding | None:
    """The verdicts on what both measured."""
    there = {effect.trick: effect for effect in second.effects}
    both = [(effect, there[effect.trick]) for effect in first.effects if effect.trick in there]
    if not both:
        return None
    others = [one.trick for one, other in both if one.verdict != other.verdict]
    told = f"{', '.join(others)} got another verdict" if others else "each got the same verdict"
    return Finding(
        EFFECTS, "note", f"Of {count(len(both), 'effect')} in both, {told}.", {"other_verdicts": others},
        cause="A verdict that is not clear in one study may become so with more seeds; it contradicts nothing.",
        figures=(Table("What each was worth", ("", "first", "second"),
                       tuple((one.trick, one.text, other.text) for one, other in both)),),
    )  # fmt: skip
