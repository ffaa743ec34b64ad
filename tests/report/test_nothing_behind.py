"""Nothing opens on nothing: details without a content, a dot after the last word, evidence that says nothing."""

from __future__ import annotations

from dataclasses import replace

from assay.figure import Bars, Passage
from assay.finding import Finding, Report
from assay.report.evidence import evidence_html, evidence_text
from assay.report.findings import findings_html
from assay.report.page import render_html
from assay.report.story import DataSummary, RunStory

BARS = Bars("b", ("a", "b"), (1.0, 2.0), "y")


def told(*findings: Finding) -> str:
    return str(findings_html(Report("ablate", findings, (), 1.0)))


def test_a_note_without_anything_behind_it_has_no_details_and_keeps_its_name():
    page = told(Finding("for_a_paper", "note", "For a paper", figures=(Passage("Sentence", "words"),)))
    assert "<details" not in page
    assert '<code class="id">for_a_paper</code>' in page


def test_a_line_without_anything_behind_it_does_not_open():
    page = told(Finding("counted", "note", "All are counted"))
    assert "<details" not in page
    assert "All are counted" in page
    assert '<code class="id">counted</code>' in page


def test_what_has_evidence_a_cause_a_source_or_a_remedy_opens():
    for more in ({"evidence": {"n": 1}}, {"cause": "chance"}, {"source": "a book"}):
        assert told(Finding("f", "note", "s", figures=(BARS,), **more)).count("<details") == 1
        assert told(Finding("f", "note", "s", **more)).count("<details") == 1
    assert told(Finding("f", "note", "s", fix="do it")).count("<details") == 1


def test_data_of_unknown_shape_leave_no_dot_behind_the_task(story: RunStory):
    page = render_html(replace(story, data=DataSummary(task="classification", input_shape=())))
    about = page.partition('<p class="about">')[2].partition("</p>")[0]
    assert about.count("<span>") == 1


def test_an_empty_text_is_told_as_none():
    assert evidence_text("") == "none"
    assert evidence_text({"size": "", "n": 2}) == "size: none, n: 2"


def test_a_long_text_is_cut_between_words():
    assert evidence_text("effects " * 200).endswith("effects\N{HORIZONTAL ELLIPSIS}")


def test_code_in_evidence_is_set_off():
    page = str(evidence_html({"by": "`assay verify <b>`", "rows": [{"a": "`x`", "b": 1}]}))
    assert "<code>assay verify &lt;b&gt;</code>" in page
    assert "<td><code>x</code></td>" in page
