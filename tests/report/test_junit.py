from xml.etree import ElementTree

from assay.finding import Finding, Report, Skipped
from assay.report.junit import junit_xml, write_junit

REPORT = Report(
    "verify",
    (
        Finding("inputs_finite", "note", "all 3 < 4 values are finite"),
        Finding(
            "overfit_one_batch", "suspect", "cannot learn \x00 16", cause="a <cause>", fix="mend & see", source="K"
        ),
        Finding("labels_valid", "proved", "label 7 of 5"),
        Finding("labels_valid", "note", "one more thing"),
    ),
    (Skipped("batch_dependency", "budget"),),
    seconds=1.5,
)


def test_a_build_server_reads_one_case_a_check(tmp_path):
    write_junit(REPORT, tmp_path / "verify.xml")
    suite = ElementTree.parse(tmp_path / "verify.xml").getroot().find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "4", "failures": "2", "errors": "0", "skipped": "1", "time": "1.500"}
    cases = {case.get("name"): case for case in suite}
    assert set(cases) == {"inputs_finite", "overfit_one_batch", "labels_valid", "batch_dependency"}
    failure = cases["overfit_one_batch"].find("failure")
    assert failure is not None
    assert failure.get("type") == "suspect"
    assert "Cause: a <cause>\nFix: mend & see" in str(failure.text)
    assert cases["labels_valid"].findtext("system-out") == "one more thing"
    assert cases["inputs_finite"].find("failure") is None
    skipped = cases["batch_dependency"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "budget"


def test_no_character_that_xml_forbids():
    assert "\x00" not in junit_xml(REPORT)
    ElementTree.fromstring(junit_xml(REPORT))


def test_a_check_that_broke_off_is_told_from_one_that_does_not_apply():
    report = Report("verify", (), (Skipped("shuffling", "no order"), Skipped("input_scale", "the check failed", True)))
    messages = [skip.get("message") for skip in ElementTree.fromstring(junit_xml(report)).iter("skipped")]
    assert messages == ["no order", "could not be made: the check failed"]
