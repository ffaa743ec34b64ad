"""Questions about images of which the answers are known."""

from __future__ import annotations

import pytest
import torch
from known_inputs import TRUTHS

from assay.audit.questionnaire.answer import Answer
from assay.audit.questionnaire.ask import ask
from assay.audit.questionnaire.measure import affordable, measure
from assay.audit.questionnaire.probe import probe_recipe
from assay.audit.questionnaire.sheet import sheet


def answers_of(data, names: tuple[str, ...], epochs: float = 8) -> dict[str, Answer]:
    questions = [question for question in sheet(data.specification.input_shape) if question.name in names]
    recipe = probe_recipe(data, epochs=epochs)
    measured = measure(data, questions, recipe, seed=400, seconds=1e9, most_rounds=3)
    return {answer.question.name: answer for answer in measured.answers(questions)}


@pytest.mark.parametrize(("kind", "name"), [("colours", "colour"), ("handed", "mirrored")])
def test_what_alone_tells_classes_apart_is_lost(inputs_of, kind: str, name: str) -> None:
    answer = answers_of(inputs_of(kind), (name,))[name]
    assert answer.outcome == "lost"
    assert answer.changed < 0.7 < 0.97 < answer.usual


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRUTHS)
def test_only_what_matters_matters(inputs_of, kind: str) -> None:
    found = answers_of(inputs_of(kind, sizes=(512, 400, 4)), tuple(TRUTHS[kind]), epochs=12)
    for name, outcome in TRUTHS[kind].items():
        assert found[name].outcome == outcome, (name, found[name].difference)


def test_the_sign_of_a_signal(inputs_of) -> None:
    assert answers_of(inputs_of("signs"), ("negated",))["negated"].outcome == "lost"


def test_where_nothing_can_be_learnt_nothing_is_answered(inputs_of) -> None:
    report = ask(inputs_of("random"), budget_seconds=3, seed=400)
    assert report.findings == ()
    assert "not surely more than guessing" in report.skipped[-1].reason


def test_without_any_time_it_ends_after_the_first_round_of_one_question(inputs_of) -> None:
    data = inputs_of("colours", sizes=(64, 40, 4))
    questions = sheet(data.specification.input_shape)
    measured = measure(data, questions, probe_recipe(data, epochs=4), seed=400, seconds=1e-9)
    assert measured.answers(questions) == []
    assert list(measured.changed) == [questions[0].name]
    assert len(measured.usual) == 1


def test_affordable_by_hand() -> None:
    """100 s are 10 trainings of 10 s: 3 rounds of the inputs as they are and 2 questions."""
    assert affordable(10.0, 100.0) == 2


def test_images_that_are_not_finite_are_refused(make_data) -> None:
    images = torch.zeros(200, 1, 8, 8)
    images[3, 0, 0, 0] = torch.nan
    report = ask(make_data(images, torch.arange(200) % 2), budget_seconds=3, seed=400)
    assert (report.findings, len(report.skipped)) == ((), 1)
    assert "not finite" in report.skipped[0].reason
