"""How many problems a report holds, in words."""

from __future__ import annotations

from assay.finding import Report
from assay.report.story import StageStory

GATES = ("inspect", "verify")
"""Stages whose silence is news: they looked for faults and found none."""


def tally(stage: StageStory) -> str:
    """Of a stage's report."""
    return tally_of(stage.report)


def tally_of(report: Report) -> str:
    """`1 proved and 2 suspected problems`; empty when there is none."""
    if report.ok:
        return ""
    proved = sum(finding.level == "proved" for finding in report.findings)
    suspect = len(report.alerts) - proved
    parts = [f"{proved} proved" if proved else "", f"{suspect} suspected" if suspect else ""]
    noun = "problem" if len(report.alerts) == 1 else "problems"
    return " and ".join(part for part in parts if part) + f" {noun}"
