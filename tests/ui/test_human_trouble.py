"""The human baseline where something is wrong: files that cannot be written, cut lines, data without classes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from page_support import client_of, draw_of, make_pictures, make_workspace
from run_support import await_rivals
from starlette.testclient import TestClient

from assay.data.data import Data


@pytest.fixture(autouse=True)
def nobody_is_asked_after_the_test() -> Iterator[None]:
    yield
    await_rivals()


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def begin(client: TestClient) -> str:
    return html.unescape(client.post("/human/begin", data={"name": "anna", "questions": "4"}).text)


def answer(client: TestClient, number: int) -> str:
    sent = {"question": str(number), "person": "anna", "seconds": "1", "pick": "cat", "draw": draw_of(client)}
    return html.unescape(client.post("/human/answer", data=sent).text)


def test_answers_that_cannot_be_written_are_told_before_the_first_question(tmp_path: Path) -> None:
    (tmp_path / "answers.jsonl").mkdir()
    assert "answers.jsonl" in begin(client_of(make_workspace(tmp_path)))
    assert not (tmp_path / "answers.questions.json").exists()


def test_a_line_that_was_cut_is_named_and_its_question_asked_again(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path))
    begin(client)
    for number in range(3):
        answer(client, number)
    path = tmp_path / "answers.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    later = client_of(make_workspace(tmp_path))
    start = html.unescape(later.get("/human").text)
    assert 'role="alert"' in start
    assert "line 3" in start
    assert "Question <b>4</b> of 4" in answer(later, 2)


def test_a_server_that_was_killed_loses_no_answer(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path))
    begin(client)
    answer(client, 0)
    later = client_of(make_workspace(tmp_path))
    later.cookies = client.cookies
    assert "Question <b>2</b> of 4" in later.get("/human/quiz").text


def test_what_has_a_number_for_a_target_has_no_quiz(tmp_path: Path, tiny_table: Data) -> None:
    page = client_of(make_workspace(tmp_path, tiny_table)).get("/human").text
    if tiny_table.specification.task == "regression":
        assert "no classes to choose from" in page
    else:
        assert "Begin" in page


def test_data_that_holds_nothing_out_is_told(tmp_path: Path) -> None:
    data = make_pictures()
    for name in ("validation", "test"):
        split = getattr(data, name)
        object.__setattr__(data, name, split.select(torch.arange(0)))
    page = html.unescape(client_of(make_workspace(tmp_path, data)).get("/human").text)
    assert "holds no example" in page


@pytest.mark.parametrize("path", ["/human/picture/4", "/human/picture/-1", "/human/picture/x"])
def test_pictures_of_no_question_are_not_there(tmp_path: Path, path: str) -> None:
    client = client_of(make_workspace(tmp_path))
    begin(client)
    assert client.get(path).status_code in (404, 422)


def test_many_classes_are_asked_about(tmp_path: Path) -> None:
    many = make_pictures(60, classes=tuple(f"class {number:05}" for number in range(10_000)))
    client = client_of(make_workspace(made(tmp_path / "many"), many))
    page = begin(client)
    assert len(page) < 20_000, "classes are looked up, not listed"
    sent = {"question": "0", "person": "anna", "seconds": "1", "label": "09999", "draw": draw_of(client)}
    assert "Question <b>2</b>" in client.post("/human/answer", data=sent).text
    assert client.get("/human/result").status_code == 200
    assert client.get("/overview").status_code == 200


def test_of_one_class_there_is_no_quiz_and_that_is_said(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path, make_pictures(12, classes=("cat",))))
    page = html.unescape(client.get("/human").text)
    assert "Every example of pictures is called cat: whoever is asked can be neither right nor wrong." in page
    assert "Begin" not in page
    assert "there is only one class to choose" in begin(client)
    assert list(tmp_path.iterdir()) == []


def test_baselines_that_can_learn_nothing_are_told_of_in_words(tmp_path: Path) -> None:
    data = make_pictures(36)
    dogs = (data.train.targets == 1).nonzero().flatten()
    client = client_of(make_workspace(tmp_path, replace(data, train=data.train.select(dogs))))
    begin(client)
    client.get("/human/result?anyway=1")
    await_rivals()
    told = html.unescape(client.get("/human/result?anyway=1").text)
    assert "all examples of the training split are called dog" in told
    assert "np." not in told
