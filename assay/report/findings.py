"""The findings of one report as HTML: alarms as cards, notes with figures beside each other, others in a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from assay.finding import Finding, Report, Skipped
from assay.report import wording
from assay.report.evidence import evidence_html
from assay.report.figures import verdict_kind
from assay.report.frames import figures_html, rows_of_notes, worth_showing
from assay.report.markup import inline
from assay.report.trick_verdicts import verdict_parts

TEMPLATES = Path(__file__).parent / "templates"
Foot = Callable[[Finding], Markup]
"""What stands below a finding: links, where the page has some."""


@dataclass(frozen=True)
class Told:
    """Findings by how they are shown. pictured: notes that carry figures. plain: the others, told in a line each."""

    alerts: tuple[Finding, ...]
    pictured: tuple[Finding, ...]
    plain: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]


def sort_findings(report: Report) -> Told:
    """Worst first, as the report has them."""
    notes = tuple(finding for finding in report.findings if not finding.is_alert)
    return Told(
        alerts=report.alerts,
        pictured=tuple(note for note in notes if worth_showing(note.figures)),
        plain=tuple(note for note in notes if not worth_showing(note.figures)),
        skipped=report.skipped,
    )


def findings_html(report: Report, *, searched: bool = False, foot: Foot = lambda finding: Markup("")) -> Markup:
    """All findings of a report, and what was not checked; `findings.css` and `charts.js` bring them to life.

    Args:
        searched: whether the stage looked for faults, so that a note says that there was none.
        foot: what to put below each finding.
    """
    template = environment().get_template("findings.html.j2")
    return Markup(template.render(told=sort_findings(report), searched=searched, foot=foot))


def holds_more(finding: Finding, tables: Markup) -> bool:
    """Whether details have anything to open on."""
    return bool(finding.cause or finding.evidence or finding.source or tables)


@cache
def environment() -> Any:
    """The report's templates; every value is escaped, and a missing one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    written = ("score", "interval", "effect", "effect_interval", "metric_name", "effect_unit", "duration", "words")
    made.globals.update({name: getattr(wording, name) for name in (*written, "times", "number", "count")})
    made.globals.update(
        figures_html=figures_html,
        rows_of_notes=rows_of_notes,
        inline=inline,
        evidence_html=evidence_html,
        holds_more=holds_more,
        verdict_kind=verdict_kind,
        verdict_parts=verdict_parts,
        foot=lambda finding: Markup(""),
    )
    return made
