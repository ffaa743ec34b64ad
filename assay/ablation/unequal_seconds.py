"""Where trainings were meant to take equal seconds and did not.

    seconds of a training with the trick by those without it, median over seeds, outside 1 / 1.25 to 1.25

Epochs are chosen by seconds that were measured before the trainings. On a machine with other work these may be wrong by
half, and the trick that was given too many epochs then seems to gain. The trainings' own seconds are no surer there, so
this is a note and no alert.
"""

from __future__ import annotations

from assay.ablation.studied import Study
from assay.finding import Finding

MOST_UNEQUAL = 1.25


def tell_unequal_seconds(study: Study) -> Finding | None:
    """None where they were equal, or were not meant to be."""
    if study.equal != "seconds":
        return None
    ratios = {effect.name: effect.whole_seconds_ratio for effect in study.effects}
    off = {name: ratio for name, ratio in ratios.items() if ratio > MOST_UNEQUAL or ratio < 1 / MOST_UNEQUAL}
    if not off:
        return None
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in off.items())
    return Finding(
        "unequal_seconds", "note",
        f"Trainings were meant to take equal seconds and did not; with the trick by without: {told} times as long. "
        "Their effects may not be those of equal time.",
        {"whole_seconds_ratio": off, "allowed": [1 / MOST_UNEQUAL, MOST_UNEQUAL]},
        cause="Other work on the machine, when seconds were measured or when trainings ran; or trainings found again "
        "from another time.",
        fix="Run the study again while the machine is quiet, with another --out and --database, or take --equal epochs "
        "and read seconds beside the effects.",
    )  # fmt: skip
