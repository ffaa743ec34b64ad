"""A report as JUnit XML: what build servers read to show which check failed.

One test case a check: its alerts are failures, its skip is a skip with the reason, its notes are output.
A check that broke off is a skip too, whose reason begins with `could not be made`.

Source: the JUnit XML format as Jenkins, GitLab and pytest write it (testsuite, testcase, failure, skipped, system-out).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from assay.finding import Finding, Report, Skipped
from assay.whole_file import write_whole

NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML file may hold; a user's message may have them."""


def junit_xml(report: Report) -> str:
    """The whole report as one test suite, named after its stage."""
    ids = dict.fromkeys([finding.id for finding in report.findings] + [skip.id for skip in report.skipped])
    failed = {finding.id for finding in report.alerts}
    told = {finding.id for finding in report.findings}
    suite = ElementTree.Element(
        "testsuite",
        name=f"assay {report.stage}",
        tests=str(len(ids)),
        failures=str(len(failed)),
        errors="0",
        skipped=str(len(set(ids) - told)),
        time=f"{report.seconds:.3f}",
    )
    for name in ids:
        findings = [finding for finding in report.findings if finding.id == name]
        suite.append(_case(report.stage, name, findings, [skip for skip in report.skipped if skip.id == name]))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def write_junit(report: Report, path: Path) -> None:
    """Write the file whole or not at all."""
    write_whole(path, junit_xml(report))


def _case(stage: str, name: str, findings: Sequence[Finding], skips: Sequence[Skipped]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=f"assay.{stage}", name=name)
    for finding in findings:
        if finding.is_alert:
            told = ElementTree.SubElement(case, "failure", type=finding.level, message=_clean(finding.summary))
            told.text = _clean(
                f"{finding.summary}\nCause: {finding.cause}\nFix: {finding.fix}\nSource: {finding.source}"
            )
    notes = [finding.summary for finding in findings if not finding.is_alert]
    if notes:
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join(notes))
    if not findings:
        for skip in skips:
            told = f"could not be made: {skip.reason}" if skip.failed else skip.reason
            ElementTree.SubElement(case, "skipped", message=_clean(told))
    return case


def _clean(text: str) -> str:
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
