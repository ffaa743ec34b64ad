"""What decisions did to data, as findings: how many, by whom, and what could not be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assay.audit.decisions.decision import Decision
from assay.audit.decisions.state import Conflict
from assay.data.data import Data
from assay.figure import Table
from assay.finding import Finding

COUNTED = ("relabel", "drop", "keep", "unsure")
SHOWN = 20


@dataclass(frozen=True)
class Applied:
    """One example whose decision counts: where it lies, and all decisions that say so."""

    split: str
    position: int
    decisions: tuple[Decision, ...]

    @property
    def action(self) -> str:
        return self.decisions[0].action


def tell_applied(data: Data, name: str, applied: Sequence[Applied]) -> list[Finding]:
    """One note with the counts by action, split and reviewer; a reviewer counts with what still stands."""
    n = sum(map(len, (data.train, data.validation, data.test)))
    actions = Counter(one.action for one in applied)
    splits = {part: dict(Counter(one.action for one in applied if one.split == part))
              for part in ("train", "validation", "test")}  # fmt: skip
    reviewers = dict[str, Counter[str]]()
    for one in applied:
        for decision in one.decisions:
            reviewers.setdefault(decision.reviewer, Counter())[decision.action] += 1
    who = ", ".join(f"{who} {counts['relabel'] + counts['drop']}" for who, counts in sorted(reviewers.items()))
    rows = tuple((who, *(str(counts[action]) for action in COUNTED)) for who, counts in sorted(reviewers.items()))
    judged = sum(splits["test"].get(action, 0) for action in ("relabel", "drop"))
    changed = f" {judged} of them are test examples: scores before and after are of different tests." if judged else ""
    return [
        Finding(
            "decisions_applied",
            "note",
            f"By {name}, {actions['relabel']:,} of {n:,} examples were relabelled and {actions['drop']:,} dropped "
            f"({who or 'by nobody'}); {actions['keep']:,} were confirmed, {actions['unsure']:,} left unsure.{changed}",
            evidence={"n": n, "actions": dict(actions), "splits": splits,
                      "reviewers": {who: dict(counts) for who, counts in sorted(reviewers.items())},
                      "relabelled": [one.decisions[0].id for one in applied if one.action == "relabel"][:SHOWN],
                      "dropped": [one.decisions[0].id for one in applied if one.action == "drop"][:SHOWN]},
            figures=(Table("Decisions by reviewer", ("reviewer", *COUNTED), rows),) if rows else (),
        )
    ]  # fmt: skip


def tell_conflicts(conflicts: Sequence[Conflict]) -> list[Finding]:
    """A `suspect` when reviewers' last words on an example differ."""
    if not conflicts:
        return []
    rows = tuple((conflict.id, "; ".join(_say(decision) for decision in conflict.decisions)) for conflict in conflicts)
    first = rows[0]
    return [
        Finding(
            "decisions_conflict",
            "suspect",
            f"Reviewers differ on {len(conflicts)} examples, which were left as they are, such as {first[0]} "
            f"({first[1]}).",
            evidence={"count": len(conflicts), "examples": [list(row) for row in rows[:SHOWN]]},
            cause="The examples are hard, or the classes are not understood alike.",
            fix="Look at them together, or name a referee whose word counts.",
            figures=(Table("Reviewers differ", ("example", "decisions"), rows[:SHOWN]),),
        )
    ]


def tell_outdated(outdated: Sequence[Decision]) -> list[Finding]:
    """A `suspect` when the data no longer calls an example what its reviewer saw."""
    if not outdated:
        return []
    first = outdated[0]
    return [
        Finding(
            "decisions_outdated",
            "suspect",
            f"{len(outdated)} decisions are about another label than the data has now and were not applied, such as "
            f"that of {first.reviewer} on {first.id}, then {first.previous!r}.",
            evidence={"count": len(outdated), "examples": [decision.id for decision in outdated[:SHOWN]]},
            cause="The source was changed after the review, or the decisions are of another source.",
            fix="Review these examples again.",
        )
    ]


def _say(decision: Decision) -> str:
    return f"{decision.reviewer}: {decision.action}" + (f" to {decision.label}" if decision.label is not None else "")
