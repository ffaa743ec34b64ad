"""Signals that were cut off at an end of their range, or of which a channel is silent."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from assay.audit.scan import Scan
from assay.audit.signals.kind import is_signal
from assay.audit.texts.tokens import find_padding
from assay.data.data import Data
from assay.finding import Finding

SHOWN_IDS = 20
USUAL_SHARE = 0.1
"""Of examples: what is so common is no accident of single ones, and only noted."""
STILL = 0.5
"""Of steps: signals that mostly stand still, such as switches and rare events, are now and then silent by nature."""


def find_signal_faults(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """A note on clipped signals; channels that are dead in few examples are `suspect`, in many a note."""
    if not is_signal(data.specification) or not scans or find_padding(data) is not None:
        return []
    ids = [scan.id_of(place) for scan in scans.values() for place in range(len(scan))]
    clipped, dead, still = torch.cat([scan.example_signal for scan in scans.values()]).T
    shape = data.specification.input_shape
    channels = shape[0] if len(shape) > 1 else 1
    # An example without any life in the form of an image is called blank elsewhere.
    is_dead = (dead > 0) & ((dead < channels) | (len(shape) == 1))
    found = _clipped(ids, clipped) if bool((clipped > 0).any()) else []
    if not bool(is_dead.any()):
        return found
    alive = still[dead == 0]
    often_still = len(alive) == 0 or float(alive.median()) > STILL
    return [*found, *_dead(ids, is_dead, channels, often_still)]


def _clipped(ids: list[str], clipped: Tensor) -> list[Finding]:
    order = clipped.argsort(descending=True, stable=True)
    count = int((clipped > 0).sum())
    worst = [ids[place] for place in order[: min(count, SHOWN_IDS)].tolist()]
    return [
        Finding(
            "clipped_signals",
            "note",
            f"{count:,} of {len(ids):,} signals are cut off at an end of their range, the worst for "
            f"{100 * float(clipped.max()):.1f} % of its values: {', '.join(worst[:3])}.",
            evidence={"count": count, "n": len(ids), "ids": worst, "largest_share": float(clipped.max())},
            cause="The gain was too high for the converter or the file's type; or a value that the signal rests at.",
            fix="Plot the worst; record with less gain, or leave out what is cut off where its height matters.",
            source="a pile of equal values in a row at the end of the range, five times as high as the next one: the "
            "limit is this audit's own",
        )
    ]


def _dead(ids: list[str], is_dead: Tensor, channels: int, often_still: bool) -> list[Finding]:
    chosen = [ids[place] for place in is_dead.nonzero().flatten().tolist()]
    rare = len(chosen) <= USUAL_SHARE * len(ids) and not often_still
    what = "have a channel with" if channels > 1 else "hold"
    return [
        Finding(
            "dead_channels",
            "suspect" if rare else "note",
            f"{len(chosen):,} of {len(ids):,} signals {what} one value from beginning to end: {', '.join(chosen[:3])}.",
            evidence={"count": len(chosen), "n": len(ids), "ids": chosen[:SHOWN_IDS], "channels": channels},
            cause="A sensor that was off or unplugged, or a recording that was padded."
            if rare
            else "Channels that are often silent by nature, or a sensor that was off in a part of the recordings.",
            fix="Look at them, and leave them out or fill them where the channel should have been alive.",
            source="the definition of variance: a constant holds no information",
        )
    ]
