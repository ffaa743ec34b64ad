"""Where reviewers differ, all that is known of the example says so, too."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from page_support import client_of, judged, make_pictures, make_workspace

DIFFER = "reviewers differ"


def known(page: str) -> dict[str, str]:
    """The table of what is known."""
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page)
    return {name.replace("<wbr>", ""): value for name, value in rows}


@pytest.mark.parametrize("is_there", [False, True], ids=["columns of decisions now", "and those of a cleaning before"])
def test_what_was_decided_stands_in_the_table_of_an_example(tmp_path: Path, is_there: bool) -> None:
    data = make_pictures()
    table = judged(data)
    if is_there:
        empty = pl.lit(None, dtype=pl.String)
        table = table.with_columns(decision=empty, decided_label=empty, reviewers=empty)
    workspace = make_workspace(tmp_path, data, table)
    client, journal = client_of(workspace), workspace.ready()[1]
    assert "decision" not in known(client.get("/browse/example/0").text)
    journal.decide("picture-0", "relabel", reviewer="anna", label="dog", previous="cat")
    told = known(client.get("/browse/example/0").text)
    assert (told["decision"], told["decided_label"], told["reviewers"]) == ("relabel", "dog", "anna")
    assert DIFFER not in client.get("/browse/example/0").text
    journal.decide("picture-0", "relabel", reviewer="ben", label="horse", previous="cat")
    page = client.get("/browse/example/0").text
    told = known(page)
    assert (told["decision"], told["reviewers"]) == ("conflict", "anna, ben")
    assert "decided_label" not in told
    assert DIFFER in page
    assert 'class="mark-conflict"' in client.get("/browse/cells?count=1").text
    assert DIFFER in client.get("/review?row=0&whose=nobody").text
