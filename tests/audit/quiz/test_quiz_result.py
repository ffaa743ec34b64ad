"""What answers say: by hand on eight examples, with two people, a model, a baseline and all that may be missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.audit.quiz import Answer, AnswerLog, Plan, Rival, draw_plan, reply, tell_result
from assay.audit.quiz.answers import read_answers
from assay.audit.quiz.plan import others_between
from assay.data.data import Data
from assay.errors import InputError
from assay.finding import Finding, Report
from assay.intervals import wilson_interval


@pytest.fixture
def plan(tiny_images: Data) -> Plan:
    """All eight validation examples, four of them twice."""
    return draw_plan(tiny_images, questions=8, repeated=4)


def truth_of(data: Data, plan: Plan) -> np.ndarray:
    return data.validation.targets[[example.position for example in plan.examples]].numpy()


def answers_of(data: Data, plan: Plan, person: str, wrong: tuple[int, ...] = (), unsure: tuple[int, ...] = ()):
    """Right answers but those to the questions `wrong`, one class further; question number seconds each."""
    given = list[Answer]()
    for question in plan.questions:
        target = int(data.validation.targets[question.position]) + (question.number in wrong)
        label = None if question.number in unsure else data.specification.classes[target % 4]
        given.append(reply(question, person, label=label, seconds=float(question.number)))
    return given


def finding(report: Report, id: str) -> Finding:
    return next(finding for finding in report.findings if finding.id == id)


def test_accuracy_counts_first_answers_and_repeats_tell_of_constancy(tiny_images: Data, plan: Plan) -> None:
    again = [question.number for question in plan.questions if question.is_repeat]
    wrong_first = next(question.number for question in plan.questions if question.position not in
                       {plan.questions[number].position for number in again})  # fmt: skip
    report = tell_result(tiny_images, plan, answers_of(tiny_images, plan, "anna", (again[0], wrong_first)))
    baseline = finding(report, "human_baseline")
    low, high = wilson_interval(7, 8)
    assert baseline.evidence["accuracy"]["anna"] == {"value": 7 / 8, "low": low, "high": high, "n": 8}
    told = finding(report, "human_answers")
    assert told.evidence["self_agreement"]["value"] == 3 / 4
    assert "Of 4 examples shown again 3 got the same answer" in told.summary
    assert told.evidence["seconds"]["median"] == 5.5
    assert "anna answered 12 of 12 questions, in 5.5 s each" in told.summary
    assert (report.stage, report.skipped, report.alerts) == ("human baseline", (), ())


def test_how_soon_examples_came_again_is_told_where_it_is_soon(make_images, tiny_images: Data, plan: Plan) -> None:
    told = finding(tell_result(tiny_images, plan, answers_of(tiny_images, plan, "anna")), "human_answers")
    assert told.evidence["others_between"] == min(others_between(plan)) == 4
    assert "They came again after as few as 4 others and may be remembered." in told.summary
    data = make_images(0)
    apart = draw_plan(data, questions=40, repeated=4)
    assert len(apart.examples) == 40
    told = finding(tell_result(data, apart, answers_of(data, apart, "anna")), "human_answers")
    assert "self-agreement" in told.summary
    assert "came again" not in told.summary
    assert "others_between" not in told.evidence


def test_unsure_is_no_answer_and_is_told_as_wrong_too(tiny_images: Data, plan: Plan) -> None:
    first = plan.examples[0].number
    report = tell_result(tiny_images, plan, answers_of(tiny_images, plan, "anna", unsure=(first,)))
    assert finding(report, "human_baseline").evidence["accuracy"]["anna"]["n"] == 7
    told = finding(report, "human_answers")
    assert told.evidence["with_unsure_as_wrong"]["value"] == 7 / 8
    assert "Left unsure were 1; counted as wrong, anna is right in 87.5%" in told.summary


def test_a_model_and_baselines_are_judged_on_the_same_answered_examples(tiny_images: Data, plan: Plan) -> None:
    truth = truth_of(tiny_images, plan)
    rivals = (
        Rival("a model", truth, is_model=True),
        Rival("nearest neighbours", np.where(np.arange(8) < 4, truth, (truth + 1) % 4)),
    )
    numbers = tuple(example.number for example in plan.examples)
    report = tell_result(tiny_images, plan, answers_of(tiny_images, plan, "anna", wrong=numbers[:6]), model=rivals)
    baseline = finding(report, "human_baseline")
    assert baseline.evidence["accuracy"]["the model"]["value"] == 1.0
    assert baseline.evidence["accuracy"]["nearest neighbours"]["value"] == 0.5
    assert (baseline.evidence["only_model_right"], baseline.evidence["only_person_right"]) == (6, 0)
    assert "Of 6 on which only one of them is right, anna is right on 0: the model is measurably" in baseline.summary
    titles = [figure.title for figure in baseline.figures]
    assert titles == ["Accuracy on what anna answered", "anna against the label", "anna against the model"]


def test_five_pairs_are_too_few_to_tell_who_is_better(tiny_images: Data, plan: Plan) -> None:
    numbers = tuple(example.number for example in plan.examples)
    rivals = (Rival("a model", truth_of(tiny_images, plan), is_model=True),)
    report = tell_result(tiny_images, plan, answers_of(tiny_images, plan, "anna", wrong=numbers[:5]), model=rivals)
    # Five heads in a row: 2 / 2^5 = .0625.
    assert "anna is right on 0: no measurable difference" in finding(report, "human_baseline").summary


def test_a_second_person_brings_kappa(tiny_images: Data, plan: Plan) -> None:
    numbers = tuple(example.number for example in plan.examples)
    both = [*answers_of(tiny_images, plan, "anna"), *answers_of(tiny_images, plan, "ben", wrong=numbers[:2])]
    report = tell_result(tiny_images, plan, both)
    told = finding(report, "annotator_agreement")
    assert told.evidence["pairwise"]["value"] == 6 / 8
    assert told.evidence["accuracy"]["ben"]["value"] == 6 / 8
    assert "Cohen's kappa is 0." in told.summary
    assert "anna and ben" in told.evidence["cohen"]
    assert [one.id for one in report.findings].count("human_baseline") == 2
    assert "fused_labels" not in [one.id for one in report.findings]


def test_labels_that_person_and_model_contradict_alike_are_shown(tiny_images: Data, plan: Plan) -> None:
    first = plan.examples[0]
    truth = truth_of(tiny_images, plan)
    model = truth.copy()
    model[0] = (truth[0] + 1) % 4
    given = answers_of(tiny_images, plan, "anna", wrong=(first.number,))
    report = tell_result(tiny_images, plan, given, model=(Rival("a model", model, is_model=True),))
    doubts = finding(report, "label_doubts")
    classes = tiny_images.specification.classes
    assert doubts.evidence["examples"] == [[first.id, classes[truth[0]], classes[model[0]]]]
    assert "label_doubts" not in [one.id for one in tell_result(tiny_images, plan, given).findings]


def test_before_the_first_answer_nothing_is_claimed(tiny_images: Data, plan: Plan) -> None:
    report = tell_result(tiny_images, plan, ())
    assert report.findings == ()
    assert report.skipped[0].reason == "nobody has answered yet"


def test_somebody_who_is_unsure_of_everything(tiny_images: Data, plan: Plan) -> None:
    given = answers_of(tiny_images, plan, "anna", unsure=tuple(range(12)))
    report = tell_result(tiny_images, plan, given)
    assert [one.id for one in report.findings] == ["human_answers"]
    assert "anna answered 12 of 12 questions." in report.findings[0].summary
    assert report.skipped


def test_answers_of_another_draw_of_no_class_and_cut_lines_are_told(
    tiny_images: Data, plan: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "answers.jsonl"
    question = plan.questions[0]
    lines = [
        reply(question, "anna", label="nowhere", seconds=1.0).to_line(),
        Answer(3, "elsewhere", "answer", "anna", 1.0, "2026-01-31T12:00:00+00:00", "north-west").to_line(),
        b'{"question": 1',
    ]
    path.write_bytes(b"".join(lines))
    report = tell_result(tiny_images, plan, read_answers(path))
    assert {one.id for one in report.alerts} == {"answers_set_aside", "answers_of_another_draw", "answers_of_no_class"}
    assert "such as 'nowhere' of anna to" in finding(report, "answers_of_no_class").summary
    assert "such as that of anna to question 4, elsewhere" in finding(report, "answers_of_another_draw").summary


def test_a_person_called_as_the_model_is_kept_apart(tiny_images: Data, plan: Plan) -> None:
    rivals = (Rival("a model", truth_of(tiny_images, plan), is_model=True),)
    report = tell_result(tiny_images, plan, answers_of(tiny_images, plan, "the model"), model=rivals)
    assert "the model (a person)" in finding(report, "human_baseline").evidence["accuracy"]


def test_rivals_that_do_not_fit_are_refused(tiny_images: Data, plan: Plan) -> None:
    truth = truth_of(tiny_images, plan)
    with pytest.raises(InputError, match="a model must answer each of the 8 examples of the plan, got 7"):
        tell_result(tiny_images, plan, (), model=(Rival("a model", truth[:7]),))
    with pytest.raises(InputError, match="people are compared with one model, got a, b; mark the others as baselines"):
        tell_result(tiny_images, plan, (), model=(Rival("a", truth, True), Rival("b", truth, True)))


def test_a_log_and_its_answers_say_the_same(tiny_images: Data, plan: Plan) -> None:
    given = tuple(answers_of(tiny_images, plan, "anna"))
    log = AnswerLog(Path("answers.jsonl"), given)
    assert tell_result(tiny_images, plan, log).findings == tell_result(tiny_images, plan, given).findings
