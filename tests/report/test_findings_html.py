"""Findings of one report as a piece of HTML for any page."""

from __future__ import annotations

from markupsafe import Markup

from assay.figure import Bars, Table
from assay.finding import Finding, Report, Skipped
from assay.report.findings import findings_html, sort_findings

BARS = Bars("Examples per class", ("cat", "dog"), (3.0, 5.0))
REPORT = Report(
    "inspect",
    (
        Finding("counts", "note", "8 examples."),
        Finding("class_balance", "note", "`dog` is larger.", figures=(BARS,)),
        Finding("overlap", "proved", "<b>3</b> are in both.", {"n": 3}, "A cause.", "A fix.", "A source."),
        Finding("drift", "suspect", "Darker."),
    ),
    (Skipped("near_duplicates", "no time"),),
)


def test_alarms_come_first_and_notes_with_figures_before_those_without():
    page = findings_html(REPORT)
    places = [page.index(f">{id}<") for id in ("overlap", "drift", "class_balance", "counts", "near_duplicates")]
    assert places == sorted(places)


def test_a_finding_is_told_whole_and_escaped():
    page = findings_html(REPORT)
    for text in ("&lt;b&gt;3&lt;/b&gt; are in both.", "A cause.", "A fix.", "Source: A source.", "<code>dog</code>"):
        assert text in page
    assert page.count('<div class="plot"') == 1


def test_each_finding_gets_its_foot():
    page = findings_html(REPORT, foot=lambda finding: Markup("<a>look at {}</a>").format(finding.id))
    for finding in REPORT.findings:
        assert page.count(f"<a>look at {finding.id}</a>") == 1
    assert "look at" not in findings_html(REPORT)


def test_a_note_with_but_a_few_cells_is_told_in_a_line():
    note = Finding("counts", "note", "8 examples.", figures=(Table("", ("split", "n"), (("train", "8"),)),))
    told = sort_findings(Report("inspect", (note,)))
    assert told.plain == (note,)
    assert told.pictured == ()


def test_silence_of_a_search_is_marked():
    report = Report("inspect", (Finding("duplicates", "note", "None."),))
    assert 'class="passed"' in findings_html(report, searched=True)
    assert 'class="told"' in findings_html(report)
