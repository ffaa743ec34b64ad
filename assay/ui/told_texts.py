"""Findings about texts, with the texts themselves: nobody knows what `row 407` says."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from assay.audit.texts.passages import beginning_of, stand_ins_of
from assay.data.data import Data
from assay.figure import Figure, Table
from assay.finding import Finding, Report

SHOWN, FIRST_LETTERS = 3, 160
ID = "id"


def with_passages(report: Report, data: Data) -> Report:
    """Tables of examples with their texts in the place of the numbers that stand for them."""
    if data.texts is None:
        return report
    findings = tuple(
        replace(finding, figures=tuple(_with_texts(figure, data) for figure in finding.figures))
        for finding in report.findings
    )
    return replace(report, findings=findings)


def passages_below(finding: Finding, data: Data) -> Markup:
    """How the texts of the first examples that a finding names begin; nothing where the source has no text."""
    ids = finding.evidence.get("ids")
    if data.texts is None or not isinstance(ids, list | tuple):
        return Markup("")
    told = [(id, beginning_of(data, str(id), FIRST_LETTERS)) for id in ids[:SHOWN]]
    lines = Markup("").join(
        Markup('<div><dt>{}</dt><dd dir="auto">{}</dd></div>').format(id, text) for id, text in told if text
    )
    return Markup('<dl class="begun" aria-label="How they begin">{}</dl>').format(lines) if lines else lines


def _with_texts(figure: Figure, data: Data) -> Figure:
    """A table by id that tells the numbers in the place of texts gets the texts; all else stays."""
    if not isinstance(figure, Table) or ID not in figure.columns or not stand_ins_of(data) & set(figure.columns):
        return figure
    kept = [place for place, name in enumerate(figure.columns) if name not in stand_ins_of(data)]
    by_id = figure.columns.index(ID)
    rows = tuple(
        (*(row[place] for place in kept), beginning_of(data, row[by_id], FIRST_LETTERS)) for row in figure.rows
    )
    return Table(figure.title, (*(figure.columns[place] for place in kept), "text"), rows)
