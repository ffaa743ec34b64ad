"""Findings and reports: order, alerts, refusals, and the trip through JSON."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from assay.figure import Bars
from assay.finding import AlertError, Finding, Report, Skipped

PROVED = Finding(
    id="labels_valid",
    level="proved",
    summary="3 labels lie outside 0..9.",
    evidence={"rows": [4, 8, 15], "share": 0.003, "names": {"4": "ten"}},
    cause="labels count from 1",
    fix="subtract 1 from the labels",
    source="PyTorch, cross_entropy",
    figures=(Bars("Examples per class", ("a", "b"), (3.0, 4.0)),),
)
SUSPECT = Finding("initial_loss", "suspect", "The first loss is 9.1, not 2.3.", fix="scale the last layer down")
NOTE = Finding("class_balance", "note", "The largest class holds 12 %.")


def through_json(values: dict) -> dict:
    return json.loads(json.dumps(values))


def test_finding_survives_json():
    assert Finding.from_dict(through_json(PROVED.to_dict())) == PROVED


def test_finding_dict_holds_every_field():
    assert set(PROVED.to_dict()) == {"id", "level", "summary", "evidence", "cause", "fix", "source", "figures"}


def test_finding_refuses_an_unknown_level():
    # Past the type checker of these tests, which would stop it first: users run without one.
    with pytest.raises(ValueError, match="level must be one of proved, suspect, note, got 'fatal'"):
        Finding.__post_init__(SimpleNamespace(level="fatal"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("finding", "is_alert"), [(PROVED, True), (SUSPECT, True), (NOTE, False)])
def test_notes_are_the_only_findings_that_do_not_alert(finding, is_alert):
    assert finding.is_alert is is_alert


def test_report_puts_the_worst_first_and_keeps_the_order_within_a_level():
    second_note = Finding("image_sizes", "note", "All images are 8 x 8.")
    report = Report("inspect", (NOTE, SUSPECT, second_note, PROVED))
    assert report.findings == (PROVED, SUSPECT, NOTE, second_note)
    assert report.alerts == (PROVED, SUSPECT)


def test_report_is_ok_with_notes_alone():
    report = Report("inspect", (NOTE,))
    assert report.ok
    report.raise_if_alert()


def test_raise_if_alert_lists_every_alert_with_its_fix_and_no_note():
    report = Report("verify", (NOTE, SUSPECT, PROVED))
    assert not report.ok
    with pytest.raises(AlertError, match=r"verify found 2 problem\(s\)") as caught:
        report.raise_if_alert()
    lines = str(caught.value).splitlines()
    assert lines[1] == "[proved] labels_valid: 3 labels lie outside 0..9. Fix: subtract 1 from the labels"
    assert lines[2].endswith("Fix: scale the last layer down")
    assert len(lines) == 3


def test_alert_error_fails_a_test_as_an_assertion_does():
    assert issubclass(AlertError, AssertionError)


def test_report_survives_json():
    report = Report("verify", (NOTE, PROVED), (Skipped("val_overlap", "no validation loader was given"),), seconds=1.25)
    assert Report.from_dict(through_json(report.to_dict())) == report
