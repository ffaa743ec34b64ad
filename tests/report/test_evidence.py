from assay.report.evidence import evidence_html, evidence_text


def test_long_lists_are_counted_not_listed():
    assert evidence_text(list(range(100))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, and 88 more"
    assert evidence_text({"cat": 5, "dog": None, "birds": []}) == "cat: 5, dog: none, birds: none"
    assert evidence_text({}) == "none"
    assert len(evidence_text("x" * 9_000)) == 801


def test_records_become_a_table_with_their_rest_counted():
    shown = str(evidence_html({"pairs": [{"left": n, "right": "<b>"} for n in range(9)]}))
    assert shown.count("<tr>") == 1 + 6
    assert "and 3 more" in shown
    assert "<b>" not in shown


def test_records_under_names_become_a_table_too():
    shown = str(evidence_html({"tricks": {"<b>": {"seconds": 1, "bytes": 2}, "EMA": {"seconds": 3, "bytes": 4}}}))
    assert shown.count("<tr>") == 1 + 2
    assert "<td>&lt;b&gt;</td><td>1</td><td>2</td>" in shown
    assert "<table" not in str(evidence_html({"examples": {"train": 3, "test": 4}}))


def test_no_evidence_leaves_nothing():
    assert evidence_html({}) == ""
