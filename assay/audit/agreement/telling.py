"""Agreement as findings: the kappas, each annotator's quality, and people who answer as if at random."""

from __future__ import annotations

import math

import numpy as np

from assay.audit.agreement.annotations import MISSING
from assay.audit.agreement.estimate import Estimate
from assay.audit.agreement.measure import Agreement
from assay.figure import Forest, Interval, Table
from assay.finding import Finding

ENOUGH = 30
"""Shared examples, below which nobody is said to answer at random: an interval of fewer is too narrow to trust."""
SHOWN = 40
SOURCE = "Fleiss 1971; Cohen 1960; Dawid and Skene 1979"


def describe_agreement(agreement: Agreement) -> list[Finding]:
    """A note on agreement, one on what the answers together say, and an alert for answers no better than chance."""
    return [_tell_agreement(agreement), *_tell_fused(agreement), *_tell_random(agreement)]


def _tell_agreement(agreement: Agreement) -> Finding:
    annotations = agreement.annotations
    every = agreement.self_agreement.values()
    twice = sum(one.n for one in every)
    alike = sum(round(one.value * one.n) for one in every)
    again = f" Shown again, {alike} of {twice} examples got the same answer." if twice else ""
    rows = [
        ("all", "pairwise agreement", agreement.pairwise),
        ("all", "Fleiss' kappa", agreement.fleiss),
        *((" and ".join(pair), "Cohen's kappa", one) for pair, one in agreement.cohen.items()),
        *((name, "self-agreement", one) for name, one in agreement.self_agreement.items()),
        *((name, "accuracy", one) for name, one in agreement.accuracy.items()),
    ]
    figures = (Table("Agreement", ("who", "what", "value", "95 % interval", "n"),
                     tuple((who, what, *_cells(one)) for who, what, one in rows[:SHOWN])),)  # fmt: skip
    return Finding(
        "annotator_agreement",
        "note",
        f"{len(annotations.annotators)} annotators agree on {agreement.pairwise.value:.1%} of pairs of answers to the "
        f"same example; {_say_kappas(agreement)}.{again}",
        evidence={"n": len(annotations.ids), "annotators": list(annotations.annotators),
                  "pairwise": vars(agreement.pairwise), "fleiss": _plain(agreement.fleiss),
                  "cohen": {" and ".join(pair): _plain(one) for pair, one in agreement.cohen.items()},
                  "self_agreement": {name: vars(one) for name, one in agreement.self_agreement.items()},
                  "accuracy": {name: vars(one) for name, one in agreement.accuracy.items()}},
        cause="No model can be shown to be better than the labels it is judged by.",
        source=SOURCE,
        figures=figures,
    )  # fmt: skip


def _say_kappas(agreement: Agreement) -> str:
    if len(agreement.annotations.annotators) > 2:
        return f"Fleiss' kappa is {agreement.fleiss}"
    (cohen,) = agreement.cohen.values()
    return f"Cohen's kappa is {cohen}, Fleiss' {agreement.fleiss}"


def _tell_fused(agreement: Agreement) -> list[Finding]:
    fused = agreement.fused
    if fused is None:
        return []
    annotations, ties = agreement.annotations, agreement.ties
    changed = np.flatnonzero(~ties & (fused.labels != agreement.majority))
    named = [(name, one) for name, one in zip(annotations.annotators, fused.quality, strict=True) if one is not None]
    ranked = sorted(named, key=lambda pair: -pair[1].value)
    rows = tuple(Interval(f"{name} (n={one.n:,})", one.value, one.low, one.high) for name, one in ranked[:SHOWN])
    n, undecidable = int((fused.labels != MISSING).sum()), int(agreement.undecidable.sum())
    return [
        Finding(
            "fused_labels",
            "note",
            f"{_say_changes(agreement, len(changed), n)} Estimated share of right answers: {_say_qualities(ranked)}.",
            evidence={"n": n, "changed": len(changed), "ties": int(ties.sum()), "undecidable": undecidable,
                      "converged": fused.converged, "steps": len(fused.objective),
                      "quality": {name: vars(one) for name, one in ranked},
                      "examples": [_votes_of(agreement, row) for row in
                                   [*changed.tolist(), *np.flatnonzero(ties).tolist()][:SHOWN]]},
            cause="The estimates take errors of different people for independent; where they are not, quality is "
            "overrated. Its intervals are too narrow: they take the estimated labels for true.",
            fix=_say_remedy(len(changed), int(ties.sum()), undecidable),
            source=SOURCE,
            figures=(Forest("Estimated share of right answers, where the estimated labels are true", "share", rows),),
        )
    ]  # fmt: skip


def _say_changes(agreement: Agreement, changed: int, n: int) -> str:
    ties, undecidable = int(agreement.ties.sum()), int(agreement.undecidable.sum())
    if undecidable:
        return f"{_count(undecidable, 'tie')} in {n:,} examples, undecidable by two: get a third person."
    told = f", and decides {_count(ties, 'tie')} that had none" if ties else ""
    return f"Weighing each annotator by quality changes {changed:,} of {n - ties:,} majority labels{told}."


def _say_qualities(ranked: list[tuple[str, Estimate]]) -> str:
    """The best and the worst."""
    return ", ".join(f"{name} {one.value:.1%} (n={one.n:,})" for name, one in dict.fromkeys((ranked[0], ranked[-1])))


def _say_remedy(changed: int, ties: int, undecidable: int) -> str:
    if undecidable:
        return "Let a third person answer the ties, or leave them out."
    if changed:
        return "Look at the changed ones, and train on the fused labels."
    return "Look at the ties, or let one more person answer them." if ties else ""


def _votes_of(agreement: Agreement, row: int) -> dict[str, str | None]:
    """An example whose label is not that of a majority: of a tie there is none."""
    assert agreement.fused is not None
    annotations = agreement.annotations
    return {"id": annotations.ids[row],
            "majority": None if agreement.ties[row] else annotations.classes[agreement.majority[row]],
            "fused": None if agreement.undecidable[row] else annotations.classes[agreement.fused.labels[row]],
            }  # fmt: skip


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tell_random(agreement: Agreement) -> list[Finding]:
    doubtful = {
        name: one
        for name, one in agreement.with_others.items()
        if one is not None and one.n >= ENOUGH and one.low <= 0.0
    }
    if not doubtful:
        return []
    told = ", ".join(f"{name} (kappa {one})" for name, one in list(doubtful.items())[:3])
    return [
        Finding(
            "annotator_at_chance",
            "suspect",
            f"{len(doubtful)} of {len(agreement.with_others)} annotators agree with the others no more than could "
            f"be chance: {told}.",
            evidence={"annotators": {name: _plain(one) for name, one in doubtful.items()}},
            cause="Answers at random, a column in another order of examples, or another meaning of the classes.",
            fix="Look at some of their answers; leave them out, or explain the classes and let them answer again.",
            source=SOURCE,
        )
    ]


def _plain(one: Estimate) -> dict[str, float | int | None]:
    """JSON has no nan: a kappa that is not defined is None."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value for name, value in vars(one).items()
    }


def _cells(one: Estimate) -> tuple[str, str, str]:
    if not one.is_defined:
        return "not defined", "only one class was used", f"{one.n:,}"
    return f"{one.value:.3f}", f"{one.low:.3f}–{one.high:.3f}", f"{one.n:,}"
