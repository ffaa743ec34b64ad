"""Answers of a quiz: their lines, what stands after undos, where to go on, and lines that are none."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assay.audit.quiz import (
    Answer,
    append_answer,
    draw_plan,
    last_answered,
    next_question,
    read_answers,
    reply,
    standing_answers,
    take_back,
)
from assay.audit.quiz.answers import check_appendable
from assay.data.data import Data
from assay.errors import InputError

TIME = "2026-01-31T12:00:00+00:00"
GOOD = {"question": 0, "id": "a", "action": "answer", "label": "cat", "person": "anna", "seconds": 1.5, "time": TIME}


def test_a_line_reads_back_to_the_same_answer() -> None:
    answer = Answer(3, "ä/b\n.png", "answer", "Anna Ö.", 4.25, TIME, "chat")
    assert answer.to_line().count(b"\n") == 1
    assert Answer.from_values(json.loads(answer.to_line())) == answer
    assert Answer.from_values({**GOOD, "later": 1}) == Answer(0, "a", "answer", "anna", 1.5, TIME, "cat")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"question": -1}, "question must be a whole number from 0 on, got -1"),
        ({"question": True}, "question must be a whole number from 0 on, got True"),
        ({"id": ""}, "id must be a word that is not empty, got ''"),
        ({"person": 3}, "person must be a word that is not empty, got 3"),
        ({"action": "skip"}, "action must be one of answer, unsure, undo, shown, got 'skip'"),
        ({"label": None}, "label must fit the action, got None; an answer needs one"),
        ({"action": "unsure"}, "label must fit the action, got 'cat'; 'unsure' takes none"),
        ({"label": " "}, "label must be a word that is not empty"),
        ({"seconds": -0.1}, "seconds must be a number from 0 on, got -0.1"),
        ({"seconds": float("inf")}, "seconds must be a number from 0 on, got inf"),
        ({"seconds": "1"}, "seconds must be a number from 0 on, got '1'"),
        ({"time": "noon"}, "time must be UTC in ISO 8601"),
    ],
)
def test_answers_that_say_nothing_are_refused(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Answer.from_values({**GOOD, **values})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InputError, match="lacks 'seconds'"):
        Answer.from_values({name: value for name, value in GOOD.items() if name != "seconds"})


def test_one_goes_on_where_one_left_off_and_takes_back_step_by_step(tiny_images: Data, tmp_path: Path) -> None:
    path, plan = tmp_path / "answers.jsonl", draw_plan(tiny_images, questions=4, repeated=0)
    check_appendable(path)
    assert not path.exists()
    path.touch()
    for question in plan.questions[:3]:
        assert next_question(plan, read_answers(path).answers, "anna") == question
        append_answer(path, reply(question, "anna", label="north-west", seconds=1.0))
    assert next_question(plan, read_answers(path).answers, "ben") == plan.questions[0]
    for number in (2, 1, 0):
        log = read_answers(path)
        last = last_answered(plan, log.answers, "anna")
        assert last is not None
        assert last.question == number
        append_answer(path, take_back(last))
    log = read_answers(path)
    assert last_answered(plan, log.answers, "anna") is None
    assert next_question(plan, log.answers, "anna") == plan.questions[0]


def test_the_last_word_stands_and_unsure_is_a_word(tiny_images: Data) -> None:
    plan = draw_plan(tiny_images, questions=2, repeated=0)
    first, second = plan.questions
    answers = [
        reply(first, "anna", label="north-west", seconds=1.0),
        reply(second, "anna", label=None, seconds=1.0),
        reply(first, "anna", label="north-east", seconds=1.0),
    ]
    standing = standing_answers(plan, answers)["anna"]
    assert (standing[0].label, standing[1].action) == ("north-east", "unsure")
    assert next_question(plan, answers, "anna") is None
    answers.append(take_back(standing[0]))
    assert standing_answers(plan, answers)["anna"][0].label == "north-west"


def test_answers_to_another_draw_do_not_count(tiny_images: Data) -> None:
    plan = draw_plan(tiny_images, questions=3, repeated=0, seed=1)
    foreign = [
        Answer(0, "elsewhere", "answer", "anna", 1.0, TIME, "north-west"),
        Answer(99, plan.questions[0].id, "answer", "anna", 1.0, TIME, "north-west"),
    ]
    assert standing_answers(plan, foreign) == {}
    assert next_question(plan, foreign, "anna") == plan.questions[0]


def test_two_people_at_once_lose_nothing_and_a_cut_line_is_set_aside(tiny_images: Data, tmp_path: Path) -> None:
    path, plan = tmp_path / "answers.jsonl", draw_plan(tiny_images)

    def write(person: str) -> None:
        for question in plan.questions:
            append_answer(path, reply(question, person, label="north-west", seconds=1.0))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ("anna", "ben")))
    path.write_bytes(path.read_bytes()[:-10])
    append_answer(path, reply(plan.questions[0], "cara", label=None, seconds=1.0))
    log = read_answers(path)
    assert len(log.answers) == 2 * len(plan)
    assert [one.reason for one in log.set_aside] == ["is not JSON, or cut short"]
    (finding,) = log.findings
    assert (finding.id, finding.level) == ("answers_set_aside", "suspect")
    assert "lines of answers.jsonl are no answers and were set aside; the first is line" in finding.summary


def test_files_that_cannot_be_read_or_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.jsonl: no such file of answers"):
        read_answers(tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError, match=r"answers cannot be written here \(is a directory\)"):
        check_appendable(tmp_path)
