"""Relabellings that all weighty judges agree on, as a file that a reviewer may accept; nothing applies it by itself.

A line has the form of a decision, by a reviewer called "proposal": `--decisions proposals.jsonl` takes all of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assay.audit.cleaning.judging import Judged
from assay.audit.decisions import Decision, decide
from assay.audit.labels.fusion import Fusion
from assay.whole_file import replacing

REVIEWER = "proposal"


def propose_relabels(judged: Judged, fusion: Fusion) -> list[Decision]:
    """One for each example whose action is to relabel, the most suspicious first."""
    classes = judged.data.specification.classes
    rows = [row for row in fusion.suspects.tolist() if fusion.action[row] == "relabel"]
    return [
        decide(judged.ids[row], "relabel", reviewer=REVIEWER, label=classes[int(fusion.proposal[row])],
               previous=classes[int(fusion.labels[row])])
        for row in rows
    ]  # fmt: skip


def write_proposals(path: Path, proposals: list[Decision]) -> None:
    """Replace the file, whole or not at all."""
    with replacing(path) as unfinished:
        unfinished.write_bytes(b"".join(one.to_line() for one in proposals))


def repeated_ids(ids: tuple[str, ...]) -> int:
    """How many ids stand for more than one example: decisions about these cannot be kept."""
    _, counts = np.unique(np.array(ids, dtype=object).astype(str), return_counts=True)
    return int((counts > 1).sum())
