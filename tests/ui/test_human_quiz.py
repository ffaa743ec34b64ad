"""The quiz as the page holds it: settled once, answered by several, held against others."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread

import pytest
import torch
from page_support import make_pictures

from assay.audit.quiz import read_answers
from assay.errors import InputError
from assay.ui.quiz import Quiz, Rivals, Setting, answers_beside, read_setting, usual_split


def make_quiz(folder: Path, questions: int = 4) -> Quiz:
    quiz = Quiz(make_pictures(), folder / "answers.jsonl")
    quiz.begin(Setting(questions))
    return quiz


def answer_all(quiz: Quiz, person: str, label: str = "cat") -> None:
    while (question := quiz.question_for(person)) is not None:
        quiz.answer(question.number, person, label=label, seconds=1.0)


def test_answers_lie_beside_the_decisions() -> None:
    assert answers_beside(Path("run/decisions.jsonl")) == Path("run/answers.jsonl")
    assert answers_beside(Path("digits.decisions.jsonl")) == Path("digits.answers.jsonl")
    assert answers_beside(Path("mine.jsonl")) == Path("mine.answers.jsonl")
    assert answers_beside(Path("run/mine")) == Path("run/mine.answers.jsonl")


def test_a_second_person_and_a_later_server_ask_the_same(tmp_path: Path) -> None:
    first = make_quiz(tmp_path, questions=10)
    question = first.question_for("anna")
    assert question is not None
    first.answer(question.number, "anna", label="cat", seconds=2.0)
    later = Quiz(make_pictures(), tmp_path / "answers.jsonl")
    assert later.plan == first.plan
    assert len(later.plan) == 11
    assert later.question_for("anna") != later.question_for("ben") == question
    assert [(stand.person, stand.answered, stand.is_done) for stand in later.stands()] == [("anna", 1, False)]


def test_questions_can_be_drawn_anew_until_somebody_has_answered(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path, questions=4)
    quiz.begin(Setting(6))
    assert len(quiz.plan) == 6
    answer_all(quiz, "anna")
    quiz.begin(Setting(8, split="test"))
    assert quiz.setting == Setting(6) == read_setting(quiz.settled)


def test_an_answer_to_a_question_that_is_over_does_not_count(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path)
    assert quiz.answer(0, "anna", label="cat", seconds=1.0)
    assert not quiz.answer(0, "anna", label="dog", seconds=1.0), "pressed twice, or in two windows"
    assert not quiz.answer(3, "anna", label="dog", seconds=1.0)
    assert [answer.label for answer in read_answers(quiz.path).answers] == ["cat"]


def test_undo_takes_back_the_last_answer_of_this_person(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path)
    quiz.answer(0, "anna", label="cat", seconds=1.0)
    quiz.answer(0, "ben", label="dog", seconds=1.0)
    taken = quiz.undo("anna")
    assert taken is not None
    assert (taken.question, taken.label) == (0, "cat")
    assert quiz.undo("anna") is None
    assert [stand.person for stand in quiz.stands()] == ["ben"]


def test_model_and_baselines_answer_once_for_each_draw(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path)
    rivals = Rivals(quiz.data, None)
    rivals.plan = quiz.plan
    rivals.make(quiz.plan)
    assert rivals.ask(quiz.plan)
    assert "majority class" in [rival.name for rival in rivals.found]
    assert rivals.problem == ""


def test_a_model_that_cannot_be_asked_leaves_the_baselines(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path)
    rivals = Rivals(quiz.data, tmp_path / "nowhere", plan=quiz.plan)
    rivals.make(quiz.plan)
    assert "nowhere" in rivals.problem
    assert "majority class" in [rival.name for rival in rivals.found]


def test_whatever_a_rival_raises_ends_the_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("assay.stages.quiz_rivals.find_rivals", fail)
    quiz = make_quiz(tmp_path)
    rivals = Rivals(quiz.data, None, state="asking", plan=quiz.plan)
    rivals.make(quiz.plan)
    assert (rivals.state, rivals.found, rivals.problem) == ("ready", (), "no room")


def test_without_validation_the_test_split_is_asked_about() -> None:
    data = make_pictures()
    assert usual_split(data) == "validation"
    data.validation.__dict__.update(data.validation.select(torch.arange(0)).__dict__)
    assert usual_split(data) == "test"


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"questions": 3}', json.dumps({"questions": "3", "split": "test", "seed": 0})]
)
def test_settled_questions_that_cannot_be_read_are_named(tmp_path: Path, text: str) -> None:
    quiz = make_quiz(tmp_path)
    quiz.settled.write_text(text)
    with pytest.raises(InputError, match=r"answers\.questions\.json: does not say which questions were drawn"):
        Quiz(make_pictures(), quiz.path)


def test_where_nothing_can_be_written_the_quiz_does_not_begin(tmp_path: Path) -> None:
    quiz = Quiz(make_pictures(), tmp_path / "answers.jsonl")
    quiz.settled.mkdir()
    with pytest.raises(InputError, match=r"answers\.questions\.json: cannot be written"):
        quiz.begin(Setting(4))


def test_answers_to_other_questions_are_counted_apart(tmp_path: Path) -> None:
    quiz = make_quiz(tmp_path, questions=4)
    answer_all(quiz, "anna")
    quiz.settled.unlink()
    other = Quiz(make_pictures(), quiz.path, seed=5)
    assert other.foreign() + sum(stand.answered for stand in other.stands()) == 4
    assert other.foreign() > 0


def test_two_people_at_once_lose_nothing(tmp_path: Path) -> None:
    make_quiz(tmp_path, questions=9)
    quizzes = {person: Quiz(make_pictures(), tmp_path / "answers.jsonl") for person in ("anna", "ben", "cleo")}
    threads = [Thread(target=answer_all, args=(quiz, person)) for person, quiz in quizzes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stands = quizzes["anna"].stands()
    assert {stand.person: stand.answered for stand in stands} == {"anna": 9, "ben": 9, "cleo": 9}
    assert not quizzes["anna"].read().set_aside
