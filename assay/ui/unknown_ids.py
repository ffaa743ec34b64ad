"""Decisions about ids that no example has: they change nothing here, and a training that is given them refuses."""

from __future__ import annotations

from assay.audit.decisions import DecisionLog
from assay.finding import Finding
from assay.ui.subject import Subject

SHOWN = 3


def tell_unknown_ids(subject: Subject, log: DecisionLog) -> tuple[Finding, ...]:
    """One finding with how many decisions and which ids first, if there are any."""
    strange = [decision for decision in log.decisions if decision.id not in subject.row_of]
    if not strange:
        return ()
    ids = list(dict.fromkeys(decision.id for decision in strange))
    named = ", ".join(map(repr, ids[:SHOWN])) + (f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else "")
    are = "decision is about an id" if len(strange) == 1 else "decisions are about ids"
    first = f"; the first is line {strange[0].line}" if strange[0].line else ""
    return (
        Finding(
            "decisions_of_unknown_ids",
            "suspect",
            f"{log.path}: {len(strange):,} {are} that no example of {subject.data.name} has: {named}{first}.",
            evidence={"count": len(strange), "ids": ids},
            cause="The decisions are of another source, or its examples were given other ids since.",
            fix="They count for nothing here, and `assay run --decisions` and `assay clean --apply` refuse the file: "
            "take it where it belongs, or these lines out.",
        ),
    )
