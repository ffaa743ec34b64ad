"""Where trainings were meant to take equal seconds and did not, or where nobody knows.

    seconds of a training with the trick by those without it, median over seeds, outside 1 / 1.25 to 1.25

Epochs are chosen by seconds that were measured in turn before the trainings, or by operations where those tell nothing
(`assay.ablation.costs`). On a machine with other work seconds may be wrong by half, and the trick that was given too
many epochs then seems to gain. The trainings' own seconds are no surer there, so this is a note and no alert. Only
trainings that this command timed are asked (`assay.ablation.timed_here`): a baseline that is found again from another
day says nothing of any trick.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assay.ablation.studied import Study
from assay.finding import Finding

MOST_UNEQUAL = 1.25
"""Our choice: with a quarter more of the time, what a trick gains may be what longer training gains."""


def tell_unequal_seconds(study: Study) -> Finding | None:
    """Of tricks that were measured alone; None where they were equal, or were not meant to be."""
    if study.equal != "seconds":
        return None
    ratios = {
        effect.name: effect.whole_seconds_ratio
        for effect in study.effects
        if len(effect.tricks) == 1 and not math.isnan(effect.estimate)
    }
    off = {name: ratio for name, ratio in ratios.items() if ratio > MOST_UNEQUAL or ratio < 1 / MOST_UNEQUAL}
    unknown = [name for name, ratio in ratios.items() if math.isnan(ratio)]
    if off:
        return _tell_unequal(off, unknown, _tell_drowned(study))
    return _tell_unchecked(unknown, _tell_drowned(study)) if unknown or _tell_drowned(study) else None


def _tell_drowned(study: Study) -> str:
    """Which tricks have lengths by operations, and why; empty where none has."""
    timed = study.costs.in_turn if study.costs else {}
    ratios = {one.name: timed[place] for place in timed for one in study.effects if one.tricks == (place,)}
    drowned = [f"{name} ({one.low:.2f} to {one.high:.2f} times)" for name, one in ratios.items() if one.is_drowned]
    if not drowned:
        return ""
    return (
        f" Updates timed in turn with the baseline's differed too much from place to place to tell their seconds: "
        f"{', '.join(drowned)}. There lengths are by operations."
    )


def _tell_unequal(off: Mapping[str, float], unknown: Sequence[str], drowned: str) -> Finding:
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in off.items())
    unchecked = f" Not known of {', '.join(unknown)}." if unknown else ""
    return Finding(
        "unequal_seconds", "note",
        f"Trainings were meant to take equal seconds and did not; with the trick by without: {told} times as long. "
        f"Their effects may not be those of equal time.{unchecked}{drowned}",
        {"whole_seconds_ratio": dict(off), "allowed": [1 / MOST_UNEQUAL, MOST_UNEQUAL], "unchecked": list(unknown)},
        cause="Other work on the machine, when seconds were measured or when trainings ran.",
        fix="Run the study again while the machine is quiet, with another --out and --database, or take --equal epochs "
        "and read seconds beside the effects.",
    )  # fmt: skip


def _tell_unchecked(unknown: Sequence[str], drowned: str) -> Finding:
    untold = (
        f"Whether trainings took equal seconds is not known of {', '.join(unknown)}: trainings with or without it were "
        "found again from another time, or done by workers. Their lengths are by updates that were timed in turn."
    )
    return Finding(
        "equal_seconds_unchecked", "note", f"{untold if unknown else ''}{drowned}".strip(),
        {"unchecked": list(unknown)},
        fix="To check, run the study while the machine is quiet, with another --out and --database and without "
        "--workers.",
    )  # fmt: skip
