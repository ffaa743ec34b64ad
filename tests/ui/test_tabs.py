"""The tabs as a browser asks for them, without one."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import polars as pl
import pytest
import torch
from page_support import CLASSES, client_of, decided, judged, make_pictures, make_workspace
from starlette.testclient import TestClient

from assay.ui.asked import Asked
from assay.ui.example_rows import list_examples
from assay.ui.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    data = make_pictures()
    return make_workspace(tmp_path, data, judged(data))


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    return client_of(workspace)


def test_every_tab_is_there_before_and_after_reading(client: TestClient, workspace: Workspace, tmp_path: Path) -> None:
    reading = client_of(Workspace(Asked("pictures")))
    for path in ("/overview", "/browse", "/review", "/duplicates", "/human", "/runs"):
        assert client.get(path).status_code == 200, path
        assert "Reading pictures" in reading.get(path).text, path
    workspace.desks.leave()
    assert list(tmp_path.iterdir()) == [], "who only looks leaves no file once the server has ended"


def test_a_page_that_waits_loads_itself_again_once_there_is_something(client: TestClient) -> None:
    assert client.get("/state?seen=reading-").headers["hx-refresh"] == "true"
    later = client.get("/state?seen=inspecting-0")
    assert "hx-refresh" not in later.headers, "a page that shows something is not taken away from its reader"
    assert "The audit is there" in later.text
    assert "hx-get" not in client.get("/state?seen=ready-1").text


def test_why_nothing_can_be_read_stands_on_the_page() -> None:
    workspace = Workspace(Asked("nowhere.csv"))
    workspace.read()
    assert workspace.reading == "failed"
    assert "nowhere.csv: no such file" in client_of(workspace).get("/browse").text


def test_a_part_of_the_grid_is_its_cells_in_order(client: TestClient) -> None:
    text = client.get("/browse/cells?where=label%20%3D%20'dog'&start=5&count=3").text
    assert re.findall(r'data-row="(\d+)"', text) == ["16", "19", "22"]
    assert re.findall(r'aria-posinset="(\d+)"', text) == ["6", "7", "8"]
    assert 'aria-setsize="20"' in text


def test_a_wrong_condition_is_told_in_its_place(client: TestClient) -> None:
    answer = client.get("/browse/grid?where=labell%20%3D%201")
    assert answer.status_code == 200
    assert "there is no column labell; the nearest is label" in answer.text


def test_the_filter_hints_at_a_class_that_is_there(tmp_path: Path) -> None:
    data = make_pictures(12, ("it's", "b"))
    page = html.unescape(client_of(make_workspace(tmp_path, data)).get("/browse").text)
    hint = "label = 'it''s'"
    assert f'placeholder="{hint}"' in page
    workspace = make_workspace(tmp_path, data, list_examples(data).with_columns(brightness=pl.lit(1.0)))
    assert f'placeholder="{hint} AND brightness < 20"' in html.unescape(client_of(workspace).get("/browse").text)


def test_an_example_tells_all_its_columns_and_escapes_its_name(tmp_path: Path) -> None:
    data = make_pictures(12, ("<script>", "b"))
    text = client_of(make_workspace(tmp_path, data)).get("/browse/example/0").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_pictures_are_kept_by_the_browser_and_are_what_the_data_holds(client: TestClient) -> None:
    import io

    import numpy as np
    from PIL import Image

    answer = client.get("/picture/50?size=160")
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    pixels = np.asarray(Image.open(io.BytesIO(answer.content)))
    wanted = make_pictures().test.gather(torch.tensor([0]))[0, 0].numpy()
    assert (pixels == wanted).all(), "row 50 is the first of the test split"


def test_similar_examples_are_made_when_asked_for(client: TestClient) -> None:
    first = client.get("/browse/similar/7").text
    assert "Comparing all 60 examples" in first or "data-open" in first
    for _ in range(200):
        text = client.get("/browse/similar/7").text
        if "data-open" in text:
            break
    rows = re.findall(r'data-open="(\d+)"', text)
    assert len(rows) == 12
    assert "7" not in rows, "an example is not its own likeness"


def test_completion_knows_the_decisions_too(client: TestClient) -> None:
    assert [one["text"] for one in client.get("/browse/complete?text=deci").json()] == ["decision", "decided_label"]


def test_a_label_is_given_by_browsing(client: TestClient, tmp_path: Path) -> None:
    form = {"row": "0", "id": "picture-0", "action": "label", "label": "dog"}
    answer = client.post("/browse/decide", data=form)
    assert "labelled dog" in answer.text
    assert json.loads(answer.headers["hx-trigger"]) == {"assay:decided": {"row": 0}}
    assert decided(tmp_path) == [("picture-0", "relabel", "dog", "anna")]
    back = client.post("/browse/undo?where=row%20%3C%203")
    assert json.loads(back.headers["hx-trigger"]) == {"assay:undone": {"row": 0, "index": 0}}
    assert "taken back: labelled dog" in back.text


def test_the_label_it_has_keeps_it_and_letters_that_fit_are_enough(client: TestClient, tmp_path: Path) -> None:
    for text in ("cat", "HO", ""):
        client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "label", "label": text})
    client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "label", "label": "ho", "pick": "dog"})
    assert [one[1:3] for one in decided(tmp_path)] == [("keep", None), ("relabel", "horse"), ("relabel", "dog")]


def test_what_is_no_label_or_action_is_refused_in_words_and_nothing_is_written(
    client: TestClient, tmp_path: Path
) -> None:
    answer = client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "label", "label": "zebra"})
    assert (answer.status_code, answer.text) == (
        422, "label must be a class, got 'zebra'; the classes are cat, dog, horse"
    )  # fmt: skip
    assert client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "burn"}).status_code == 422
    assert client.post("/browse/decide", data={"row": "60", "id": "picture-60", "action": "keep"}).status_code == 404
    assert decided(tmp_path) == []


def accepted_in(page: str) -> dict[str, str]:
    """What Enter sends from a page."""
    (values,) = re.findall(r"""id="do-accept".*?hx-vals='([^']*)'""", page)
    return {name: str(value) for name, value in json.loads(html.unescape(values)).items()}


def test_review_goes_from_the_most_suspicious_to_the_next_that_is_open(client: TestClient, tmp_path: Path) -> None:
    page = client.get("/review").text
    assert 'data-row="0"' in page
    assert "2 of 2 models say dog; none says cat, the label it has." in page
    assert "Accept dog" in page
    after = client.post("/review/decide?queue=flagged", data=accepted_in(page)).text
    assert 'class="card" data-row="1"' in after
    assert "labelled dog" in after
    assert decided(tmp_path) == [("picture-0", "relabel", "dog", "anna")]
    assert 'class="card" data-row="0"' in client.post("/review/undo?queue=flagged&row=1").text


def test_two_who_share_a_queue_get_different_examples(client: TestClient) -> None:
    client.get("/review")
    ben = client_of_other(client, "ben")
    assert 'class="card" data-row="1"' in ben.get("/review").text
    after = client.post("/review/decide?queue=flagged", data={"row": "0", "id": "picture-0", "action": "unsure"}).text
    assert 'class="card" data-row="2"' in after, "the second is before ben"
    alone = ben.get("/review/card?whose=me").text
    assert 'class="card" data-row="0"' in alone, "who wants to judge all gets what anna judged, too"


def client_of_other(client: TestClient, name: str) -> TestClient:
    other = TestClient(client.app, base_url="http://localhost", headers=client.headers)
    other.post("/reviewer", data={"name": name})
    return other


def test_a_queue_ends_with_what_was_decided_and_how_to_apply_it(tmp_path: Path) -> None:
    data = make_pictures(12)
    client = client_of(make_workspace(tmp_path, data, judged(data, 2)))
    client.post("/review/decide?queue=flagged", data={"row": "0", "id": "picture-0", "action": "label", "label": "dog"})
    end = client.post("/review/decide?queue=flagged", data={"row": "1", "id": "picture-1", "action": "keep"}).text
    assert "All that was to review here is decided" in end
    assert "1 relabelled, 1 kept" in end
    assert "1 of 2 labels wrong" in end
    assert f"--decisions {tmp_path / 'decisions.jsonl'}" in end


def test_a_reviewed_random_sample_has_an_interval(tmp_path: Path) -> None:
    import polars as pl

    data = make_pictures(12)
    table = judged(data, 2).with_columns(sample=pl.Series([1, 2, *[None] * 10], dtype=pl.Int64))
    client = client_of(make_workspace(tmp_path, data, table))
    client.post("/review/decide?queue=sample", data={"row": "0", "id": "picture-0", "action": "label", "label": "dog"})
    text = client.post("/review/decide?queue=sample", data={"row": "1", "id": "picture-1", "action": "keep"}).text
    assert "50 % [9, 91]" in text, "Wilson's interval of 1 in 2"


def test_a_sample_of_which_the_worst_were_decided_elsewhere_has_no_interval(tmp_path: Path) -> None:
    import polars as pl

    data = make_pictures(12)
    table = judged(data, 4).with_columns(sample=pl.Series([3, 2, 1, *[None] * 9], dtype=pl.Int64))
    client = client_of(make_workspace(tmp_path, data, table))
    for row in (0, 1):
        card = client.get(f"/review/card?queue=flagged&row={row}").text
        client.post("/review/decide?queue=flagged", data=accepted_in(card))
    text = client.get("/review/card?queue=sample").text
    assert "<b>2</b> of 3 decided" in text
    assert "labels wrong" not in text, "the first that was drawn is open"
    text = client.post("/review/decide?queue=sample", data={"row": "2", "id": "picture-2", "action": "unsure"}).text
    assert "2 of 2 labels wrong, 100 %" in text


def test_without_models_review_says_how_to_get_more(tmp_path: Path) -> None:
    text = client_of(make_workspace(tmp_path)).get("/review").text
    assert "Nothing is suspect here" in text
    assert "assay clean pictures" in text


def test_a_line_cut_short_is_named_on_the_page(client: TestClient, tmp_path: Path) -> None:
    with (tmp_path / "decisions.jsonl").open("ab") as file:
        file.write(b'{"id": "picture-3", "action": "ke\n')
    assert "the first is line 1 (is not JSON, or cut short)" in client.get("/review").text


def test_a_copy_is_dropped_and_the_one_in_the_test_split_kept_by_accepting_twice(tmp_path: Path) -> None:
    import polars as pl

    data = make_pictures(12)
    groups = pl.Series("duplicate_group", [None] * 4 + [3] + [None] * 5 + [3, None], dtype=pl.Int64)
    table = judged(data, 0).with_columns(groups)
    client = client_of(make_workspace(tmp_path, data, table))
    assert "a model can know the answer by heart" in client.get("/duplicates").text
    first = client.post(
        "/duplicates/decide?group=0&member=0", data=accepted_in(client.get("/duplicates/card?group=0&member=0").text)
    ).text
    assert 'id="member-1" class="member" aria-current="true"' in first
    client.post("/duplicates/decide?group=0&member=1", data=accepted_in(first))
    assert [one[:2] for one in decided(tmp_path)] == [("picture-4", "drop"), ("picture-10", "keep")]
    assert 'id="member-1" class="member" aria-current="true"' in client.post("/duplicates/undo?group=0").text


def test_a_button_says_what_it_showed_whatever_the_groups_are_by_then(tmp_path: Path) -> None:
    import polars as pl

    data = make_pictures(12)
    groups = pl.Series("duplicate_group", [3, 3] + [None] * 10, dtype=pl.Int64)
    client = client_of(make_workspace(tmp_path, data, judged(data, 0).with_columns(groups)))
    said = accepted_in(client.get("/duplicates/card?group=0&member=0").text)
    assert client.post("/duplicates/decide?group=99&member=0", data=said).status_code == 200
    assert [one[:2] for one in decided(tmp_path)] == [("picture-0", said["action"])]
    assert (
        client.post("/duplicates/decide", data={"row": "1", "id": "picture-1", "action": "accept"}).status_code == 422
    )


def test_a_decision_while_the_data_is_read_is_not_taken_and_that_is_said() -> None:
    workspace = Workspace(Asked("digits"))
    told = client_of(workspace).post("/review/decide", data={"row": "0", "id": "picture-0", "action": "keep"})
    assert (told.status_code, "nothing was saved" in told.text) == (503, True)


def test_ten_thousand_classes_are_typed_and_do_not_fill_the_page(tmp_path: Path) -> None:
    names = tuple(f"species {number}" for number in range(10_000))
    client = client_of(make_workspace(tmp_path, make_pictures(60, names)))
    page = client.get("/browse/example/5").text
    assert len(page) < 20_000
    assert page.count('aria-keyshortcuts="') == 14, "ten digits, Enter, U, D and L"
    fitting = client.get("/labels?label=987").text
    assert fitting.count("<button") == 8
    assert "species 987<" in fitting


def test_a_reviewer_is_remembered_by_the_browser(client: TestClient, tmp_path: Path) -> None:
    client.post("/reviewer", data={"name": "Zoë  Müller"})
    client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "keep"})
    assert decided(tmp_path)[0][3] == "Zoë Müller"
    client.post("/reviewer", data={"name": " "})
    client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "keep"})
    assert decided(tmp_path)[1][3] == "anna"


def test_classes_have_the_digit_of_their_number() -> None:
    from assay.ui.choices import choices

    data = make_pictures()
    assert [tuple(one) for one in choices(data.specification)] == list(zip("012", CLASSES, strict=True))
