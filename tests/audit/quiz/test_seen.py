"""Who has seen the result of a quiz: kept once, in no file made for it; what was said before stays."""

from __future__ import annotations

from pathlib import Path

from assay.audit.quiz import (
    append_answer,
    draw_plan,
    is_sealed,
    last_answered,
    note_seen,
    read_answers,
    reply,
    standing_answers,
)
from assay.audit.quiz.seen import answers_after_result
from assay.data.data import Data


def test_what_was_said_before_the_result_stays_and_what_is_said_after_is_counted(
    tiny_images: Data, tmp_path: Path
) -> None:
    path, plan = tmp_path / "answers.jsonl", draw_plan(tiny_images, questions=3, repeated=0)
    note_seen(path, plan, "anna")
    assert not path.exists(), "looking makes no file"
    append_answer(path, reply(plan.questions[0], "anna", label="north-west", seconds=1.0))
    assert not is_sealed(plan, read_answers(path).answers, "anna")
    for _ in range(2):
        note_seen(path, plan, "anna")
    given = read_answers(path).answers
    assert [one.action for one in given] == ["answer", "shown"]
    assert is_sealed(plan, given, "anna")
    assert not is_sealed(plan, given, "ben"), "who never answered has nothing to seal"
    assert answers_after_result(plan, given) == {}
    append_answer(path, reply(plan.questions[1], "anna", label=None, seconds=1.0))
    given = read_answers(path).answers
    last = last_answered(plan, given, "anna")
    assert last is not None
    assert last.question == 1
    assert answers_after_result(plan, given) == {"anna": 1}
    assert list(standing_answers(plan, given)["anna"]) == [0, 1]


def test_the_result_of_another_draw_seals_nothing(tiny_images: Data, tmp_path: Path) -> None:
    path, plan = tmp_path / "answers.jsonl", draw_plan(tiny_images, questions=3, repeated=0)
    other = draw_plan(tiny_images, questions=3, repeated=0, seed=7)
    assert other.questions[0].id != plan.questions[0].id
    append_answer(path, reply(plan.questions[0], "anna", label="north-west", seconds=1.0))
    note_seen(path, other, "anna")
    assert not is_sealed(plan, read_answers(path).answers, "anna")


def test_a_file_that_may_not_be_written_is_no_reason_to_withhold_the_result(tiny_images: Data, tmp_path: Path) -> None:
    path, plan = tmp_path / "answers.jsonl", draw_plan(tiny_images, questions=3, repeated=0)
    append_answer(path, reply(plan.questions[0], "anna", label="north-west", seconds=1.0))
    path.chmod(0o444)
    note_seen(path, plan, "anna")
    path.chmod(0o644)
    assert read_answers(path).answers[0].action == "answer"
