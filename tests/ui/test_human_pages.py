"""The tab of the human baseline as a browser asks for it, without one."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import page_support
import pytest
from page_support import draw_of, make_pictures, make_workspace
from run_support import await_rivals, make_run
from starlette.testclient import TestClient

from assay.audit.quiz import read_answers
from assay.data.data import Data
from assay.finding import Finding


@pytest.fixture(autouse=True)
def nobody_is_asked_after_the_test() -> Iterator[None]:
    yield
    await_rivals()


def client_of(folder: Path, data: Data | None = None) -> TestClient:
    return page_support.client_of(make_workspace(folder, data))


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return client_of(tmp_path)


def begin(client: TestClient, questions: int = 5, name: str = "anna") -> str:
    sent = {"name": name, "questions": str(questions), "split": "validation"}
    return client.post("/human/begin", data=sent).text


def give(client: TestClient, number: int, person: str = "anna", **said: str) -> Any:
    sent = {"question": str(number), "person": person, "seconds": "1.5", "draw": draw_of(client), **said}
    return client.post("/human/answer", data=sent)


def test_a_question_shows_the_input_and_neither_label_nor_id(client: TestClient) -> None:
    text = begin(client)
    assert "Question <b>1</b> of 5" in text
    assert "picture-" not in text, "an id often holds the class"
    assert re.findall(r'name="pick" value="(\w+)" data-key="(\d)"', text) == [
        ("cat", "0"),
        ("dog", "1"),
        ("horse", "2"),
    ]
    assert client.get("/human/picture/0").headers["content-type"] == "image/png"
    assert client.get("/human/picture/99").status_code == 404


def test_answers_are_kept_with_their_time_and_the_next_question_follows(client: TestClient, tmp_path: Path) -> None:
    begin(client)
    assert "Question <b>2</b> of 5" in give(client, 0, pick="dog").text
    assert "Question <b>3</b> of 5" in give(client, 1, unsure="1").text
    assert "Question <b>3</b> of 5" in give(client, 0, pick="cat").text, "a question that is over"
    kept = read_answers(tmp_path / "answers.jsonl").answers
    assert [(one.question, one.label, one.seconds, one.person) for one in kept] == [
        (0, "dog", 1.5, "anna"), (1, None, 1.5, "anna")]  # fmt: skip
    undone = client.post(
        "/human/undo", data={"person": "anna", "draw": draw_of(client)}, headers={"HX-Request": "true"}
    ).text
    assert "Undone. Question 2 of 5" in undone


def test_what_names_no_class_is_refused(client: TestClient) -> None:
    begin(client)
    assert "label must be a class" in html.unescape(give(client, 0, label="zebra").text)
    assert "label is missing" in html.unescape(give(client, 0).text)
    assert "seconds must be from 0 to a day" in html.unescape(give(client, 0, pick="cat", seconds="nan").text)
    assert "your name is missing" in html.unescape(begin(client, name="  "))


def test_many_classes_are_typed(tmp_path: Path) -> None:
    data = make_pictures(120, classes=tuple(f"kind {number:02}" for number in range(12)))
    client = client_of(tmp_path, data)
    assert 'id="label"' in begin(client)
    assert "may be kind 10, kind 11" in html.unescape(give(client, 0, label="kind 1").text)
    give(client, 0, label="10")
    assert [one.label for one in read_answers(tmp_path / "answers.jsonl").answers] == ["kind 10"]


def test_rows_are_told_by_name(tmp_path: Path, tiny_table: Data) -> None:
    client = client_of(tmp_path, tiny_table)
    if tiny_table.specification.task != "classification":
        assert "no classes to choose from" in client.get("/human").text
        return
    assert '<th scope="row">' in begin(client)


def test_after_the_last_question_one_may_take_it_back_and_then_sees_the_result(client: TestClient) -> None:
    begin(client, questions=3)
    for number in range(2):
        give(client, number, pick="cat")
    assert give(client, 2, pick="cat").headers["hx-redirect"] == "/human/result"
    assert client.get("/human/quiz").url.path == "/human/result"
    text = html.unescape(client.get("/human/result").text)
    assert "All 3 questions are answered" in text
    assert "Undo the last answer" in text
    assert "right, 95 % interval" not in text, "nothing is told before"
    text = html.unescape(client.get("/human/result?anyway=1").text)
    assert "Undo" not in text
    assert re.search(r'id="score"><b>\d+\.\d %</b>', text)
    assert "on 3 held-out examples" in text
    assert "There is no model to stand beside" in text or "are being asked the same questions" in text


def test_a_second_person_gives_kappas(client: TestClient) -> None:
    for name in ("anna", "ben"):
        begin(client, questions=6, name=name)
        for number in range(6):
            give(client, number, name, pick="cat" if number % 2 else "dog")
    text = html.unescape(client.get("/human/result?anyway=1").text)
    assert "annotator_agreement" in text
    assert "kappa" in text.lower()


def test_before_a_quiz_there_is_only_its_start(client: TestClient) -> None:
    assert client.get("/human/quiz").url.path == "/human"
    start = client.get("/human").text
    assert "Begin" in start
    assert "10 examples" in start


def test_the_last_answer_can_be_taken_back_before_the_result_and_not_after_it(
    client: TestClient, tmp_path: Path
) -> None:
    begin(client, questions=1)
    give(client, 0, pick="cat")
    wait = client.get("/human/result").text
    back = json.loads(re.findall(r'hx-post="/human/undo" hx-vals=\'(.+?)\'', wait)[0])
    assert client.post("/human/undo", data=back).headers["hx-redirect"] == "/human/quiz"
    assert "Question <b>1</b> of 1" in client.get("/human/quiz").text
    give(client, 0, pick="cat")
    assert 'id="score"' in client.get("/human/result?anyway=1").text
    refused = client.post("/human/undo", data=back)
    assert (refused.status_code, "before you saw the result stays" in refused.text) == (422, True)
    assert 'id="score"' in client.get("/human/result").text, "who saw it once is not asked again"
    actions = [one.action for one in read_answers(tmp_path / "answers.jsonl").answers]
    assert actions == ["answer", "undo", "answer", "shown"], "looked at twice, kept once"


def test_what_is_answered_after_a_look_at_the_result_is_told(client: TestClient) -> None:
    begin(client, questions=2)
    give(client, 0, pick="cat")
    client.get("/human/result?anyway=1")
    assert 'hx-post="/human/undo" hx-target="#question" hx-swap="outerHTML" disabled' in client.get("/human/quiz").text
    give(client, 1, pick="cat")
    text = html.unescape(client.get("/human/result?anyway=1").text)
    assert "Answers given by those who had seen the result: 1 of anna" in text


def test_no_more_is_asked_than_there_is(client: TestClient) -> None:
    assert "Question <b>1</b> of 11" in begin(client, questions=500), "10 examples, and a tenth of them again"


@pytest.mark.parametrize(("sent", "told"), [
    ({"questions": "0"}, "questions must be at least 1"),
    ({"split": "train"}, "split must be one of validation, test"),
])  # fmt: skip
def test_a_draw_that_cannot_be_is_refused(client: TestClient, sent: dict[str, str], told: str) -> None:
    assert told in html.unescape(client.post("/human/begin", data={"name": "anna", **sent}).text)


def test_a_run_asks_about_its_own_draw_and_says_how_to_ask_in_a_terminal(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    client = page_support.client_of(make_workspace(tmp_path, place=str(folder)))
    begin(client, questions=3)
    give(client, 0, pick="cat")
    assert '"seed": 4' in (tmp_path / "answers.questions.json").read_text()
    text = await_result(client)
    assert f"assay human pictures --answers {tmp_path / 'answers.jsonl'} --questions 3 --seed 4 --model RUN" in text


def test_the_command_says_all_that_the_data_was_read_with(tmp_path: Path) -> None:
    options = {"group": "who", "size": (48, 64), "impute": True, "skip_bad": True}
    client = page_support.client_of(make_workspace(tmp_path, place="my pictures", **options))
    begin(client, questions=10)
    text = await_result(client)
    assert "assay human 'my pictures' --skip-bad --impute --group who --size 48x64 --answers" in text


@pytest.mark.parametrize("name", ["n", "both_wrong", "majority class"])
def test_a_person_of_any_name_is_told_what_is_theirs(client: TestClient, name: str) -> None:
    begin(client, questions=3, name=name)
    for number in range(3):
        give(client, number, name, pick="cat")
    text = await_result(client)
    assert f"on 3 held-out examples: {name}" in text


def await_result(client: TestClient) -> str:
    """The result once model and baselines have answered."""
    for _ in range(200):
        text = html.unescape(client.get("/human/result?anyway=1").text)
        if "are being asked" not in text:
            return text
        time.sleep(0.05)
    raise AssertionError("nobody answered")


def test_who_has_questions_left_is_asked_before_labels_are_told(client: TestClient) -> None:
    begin(client, questions=3)
    give(client, 0, pick="cat")
    text = client.get("/human/result").text
    assert "1 of 3 questions are answered" in text
    assert "human_baseline" not in text
    assert "human_baseline" in client.get("/human/result?anyway=1").text


def test_what_reading_did_to_the_examples_is_said_before_and_after(tmp_path: Path) -> None:
    scaled = Finding("several_sizes", "note", "Images of 3 sizes are scaled to 16 x 16 pixels.")
    client = client_of(tmp_path, replace(make_pictures(), findings=(scaled,)))
    assert scaled.summary in client.get("/human").text
    begin(client, questions=3)
    assert scaled.summary in await_result(client)
