from __future__ import annotations

from collections.abc import Callable

import pytest

from assay.evaluation import Evaluation
from assay.figure import Lines
from assay.finishing.refusal import COVERAGES, accuracy_against_coverage, describe_refusal

Judge = Callable[..., Evaluation]


def row(confidence: float, answer: int = 0) -> list[float]:
    """`confidence` for the answer, the rest shared by the others."""
    rest = (1.0 - confidence) / 3
    return [confidence if place == answer else rest for place in range(4)]


def test_by_hand(judged: Judge) -> None:
    """Confidences .9 right, .8 right, .7 wrong, .6 right."""
    evaluation = judged([row(0.6), row(0.9), row(0.7), row(0.8)], [0, 0, 1, 0])
    refusal = accuracy_against_coverage(evaluation, (1.0, 0.75, 0.5, 0.25))
    assert refusal.coverages == (1.0, 0.75, 0.5, 0.25)
    assert refusal.accuracies == pytest.approx((3 / 4, 2 / 3, 1.0, 1.0))
    assert refusal.thresholds == pytest.approx((0.6, 0.7, 0.8, 0.9))


def test_everything_answered_is_the_plain_accuracy(judged: Judge) -> None:
    evaluation = judged([row(0.5, place % 4) for place in range(9)], [0] * 9)
    assert accuracy_against_coverage(evaluation).accuracies[0] == evaluation.value


def test_coverage_is_what_is_really_answered(judged: Judge) -> None:
    """Of three examples, 95 % are all three, and half are two."""
    evaluation = judged([row(0.9)] * 3, [0] * 3)
    assert accuracy_against_coverage(evaluation, (0.95, 0.5)).coverages == pytest.approx((1.0, 2 / 3))


def test_at_least_one_example_is_answered(judged: Judge) -> None:
    assert accuracy_against_coverage(judged([row(0.9)], [0]), (0.01,)).coverages == (1.0,)


def test_words(judged: Judge) -> None:
    """Twenty examples, the least certain one wrong: refusing 5 % makes the rest right."""
    rows = [row(0.5 + 0.02 * place) for place in range(20)]
    finding = describe_refusal(judged(rows, [1] + [0] * 19))
    assert "Answering everything: 95.00%" in finding.summary
    assert "Refusing the least certain 5%: 100.00% (confidence at least 0.52; n = 20)" in finding.summary
    assert finding.level == "note"
    assert isinstance(finding.figures[0], Lines)


def test_a_few_examples_cannot_refuse_a_twentieth(judged: Judge) -> None:
    """Of six, the first that can be refused is one: 17 %, and the text says so."""
    summary = describe_refusal(judged([row(0.5 + 0.05 * place) for place in range(6)], [0] * 6)).summary
    assert "Refusing the least certain 17%" in summary


def test_one_example_refuses_nothing(judged: Judge) -> None:
    assert describe_refusal(judged([row(0.9)], [0])).summary == "Answering everything: 100.00% (n = 1)."


def test_curve_has_a_point_for_each_coverage(judged: Judge) -> None:
    finding = describe_refusal(judged([row(0.5 + 0.002 * place) for place in range(200)], [0] * 200))
    (series,) = finding.figures[0].series  # type: ignore[union-attr]
    assert series.x == COVERAGES
    assert finding.evidence["95%"] == 1.0
