"""The file of decisions, to which lines are only added: two reviewers at once lose nothing."""

from __future__ import annotations

from pathlib import Path

from assay.audit import journal
from assay.audit.decisions.decision import Decision

WHAT = "decisions"


def append_decision(path: Path, decision: Decision) -> None:
    """Add the decision to the file, which is made if it is not there; on return it is on the disk.

    Raises:
        InputError: the file cannot be written, or the disk is full; the file is then as it was before.
    """
    journal.append_line(path, decision.to_line(), what=WHAT)


def check_appendable(path: Path) -> None:
    """For programs that begin to review: that decisions can be kept at all. Makes no file.

    Raises:
        InputError: the file cannot be written.
    """
    journal.check_appendable(path, what=WHAT)
