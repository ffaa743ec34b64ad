"""Agreement in one value, told as findings; and a person beside a model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assay.audit.agreement import Annotations, describe_agreement, describe_person, measure_agreement
from assay.audit.agreement.annotations import Repeat
from assay.errors import InputError
from assay.figure import Forest, Matrix
from assay.finding import Finding
from assay.intervals import wilson_interval


def simulate(seed: int, accuracies: tuple[float, ...], n: int = 200) -> tuple[np.ndarray, Annotations]:
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    truth = drawn.integers(0, 3, n)
    right = drawn.random((n, len(accuracies))) < np.array(accuracies)
    labels = np.where(right, truth[:, None], (truth[:, None] + drawn.integers(1, 3, right.shape)) % 3)
    repeats = tuple(
        Repeat(i, 0, int(labels[i, 0]), int(labels[i, 0]) if i else (int(labels[i, 0]) + 1) % 3) for i in range(20)
    )
    names = ("anna", "ben", "carl", "dora")[: len(accuracies)]
    return truth, Annotations(tuple(f"x{i}" for i in range(n)), names, ("cat", "dog", "bird"), labels, repeats)


def test_every_number_comes_with_its_n_and_interval() -> None:
    truth, annotations = simulate(430, (0.9, 0.8, 0.85))
    agreement = measure_agreement(annotations, reference=truth)
    assert set(agreement.cohen) == {("anna", "ben"), ("anna", "carl"), ("ben", "carl")}
    assert agreement.pairwise.n == agreement.fleiss.n == 200
    assert agreement.self_agreement["anna"].value == pytest.approx(19 / 20)
    right = int((annotations.labels[:, 0] == truth).sum())
    assert (agreement.accuracy["anna"].low, agreement.accuracy["anna"].high) == wilson_interval(right, 200)
    notes = describe_agreement(agreement)
    assert {finding.id: finding.level for finding in notes} == {"annotator_agreement": "note", "fused_labels": "note"}
    assert "3 annotators agree on" in notes[0].summary
    assert "Shown again, 19 of 20 examples got the same answer." in notes[0].summary
    assert "Estimated share of right answers: anna" in notes[1].summary
    for finding in notes:
        assert Finding.from_dict(json.loads(json.dumps(finding.to_dict(), allow_nan=False))) == finding


def test_two_people_leave_ties_that_nothing_decides() -> None:
    labels = np.tile(np.arange(80)[:, None] % 3, (1, 2))
    labels[:11, 1] = (labels[:11, 0] + 1) % 3
    two = Annotations(tuple(f"x{i}" for i in range(80)), ("anna", "ben"), ("cat", "dog", "bird"), labels)
    agreement = measure_agreement(two)
    assert agreement.ties.sum() == agreement.undecidable.sum() == 11
    told = describe_agreement(agreement)[1]
    assert told.summary.startswith("11 ties in 80 examples, undecidable by two: get a third person.")
    assert "(n=80)" in told.summary
    assert "train on" not in told.fix
    assert (told.evidence["changed"], told.evidence["ties"], told.evidence["undecidable"]) == (0, 11, 11)
    assert {(one["majority"], one["fused"]) for one in told.evidence["examples"]} == {(None, None)}
    forest = told.figures[0]
    assert isinstance(forest, Forest)
    assert {row.label for row in forest.rows} == {"anna (n=80)", "ben (n=80)"}
    assert "take the estimated labels for true" in told.cause


def test_ties_of_more_people_are_decided_by_quality_but_are_no_corrections() -> None:
    _, annotations = simulate(437, (0.95, 0.9, 0.6, 0.6))
    agreement = measure_agreement(annotations, resamples=50)
    told = describe_agreement(agreement)[1]
    ties = int(agreement.ties.sum())
    assert ties > 0
    assert not agreement.undecidable.any()
    assert f"of {200 - ties} majority labels, and decides {ties} ties that had none." in told.summary
    assert all((one["majority"] is None) == bool(agreement.ties[annotations.ids.index(one["id"])])
               for one in told.evidence["examples"])  # fmt: skip


def test_a_person_at_chance_is_suspect_and_honest_people_are_not() -> None:
    for seed in range(431, 433):
        _, annotations = simulate(seed, (0.9, 0.85, 0.8, 1 / 3))
        alert = next(one for one in describe_agreement(measure_agreement(annotations, resamples=200)) if one.is_alert)
        assert alert.id == "annotator_at_chance"
        assert list(alert.evidence["annotators"]) == ["dora"]
        _, honest = simulate(seed, (0.9, 0.7, 0.6, 0.6))
        assert not [one for one in describe_agreement(measure_agreement(honest, resamples=200)) if one.is_alert]


def test_where_all_answers_are_of_one_class_no_kappa_is_told_but_agreement_is() -> None:
    labels = np.zeros((40, 2), dtype=np.int64)
    same = Annotations(tuple(map(str, range(40))), ("anna", "ben"), ("cat",), labels)
    finding = describe_agreement(measure_agreement(same))[0]
    assert finding.evidence["fleiss"]["value"] is None
    assert finding.evidence["pairwise"]["value"] == 1.0
    json.dumps(finding.to_dict(), allow_nan=False)


def test_too_many_classes_to_weigh_people_leave_the_majority() -> None:
    labels = np.arange(40)[:, None].repeat(2, 1)
    wide = Annotations(tuple(map(str, range(40))), ("a", "b"), tuple(map(str, range(10_000))), labels)
    agreement = measure_agreement(wide)
    assert agreement.fused is None
    assert np.array_equal(agreement.majority, labels[:, 0])
    assert [finding.id for finding in describe_agreement(agreement)] == ["annotator_agreement"]


def test_annotations_without_anything_shared_are_refused() -> None:
    one = Annotations(("x",), ("anna",), ("cat",), np.zeros((1, 1), dtype=np.int64))
    with pytest.raises(InputError, match="agreement needs two annotators or more, got 1"):
        measure_agreement(one)
    apart = Annotations(("x", "y"), ("anna", "ben"), ("cat",), np.array([[0, -1], [-1, 0]]))
    with pytest.raises(InputError, match="agreement needs examples that two annotators answered, got none"):
        measure_agreement(apart)
    _, several = simulate(436, (0.9, 0.8))
    with pytest.raises(InputError, match="reference must be a label for each of 200 ids, got 3"):
        measure_agreement(several, reference=np.zeros(3, dtype=np.int64))


def test_a_person_beside_a_model_on_the_answered_examples_only() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2])
    person = np.array([0, 0, 1, 2, 2, -1])
    model = np.array([0, 1, 1, 1, 1, 0])
    (finding,) = describe_person(person, truth, classes=("cat", "dog", "bird"), model=model, name="anna")
    assert (finding.id, finding.level) == ("human_baseline", "note")
    assert finding.summary.startswith("Right on 5 held-out examples: anna 80.0% (37.6%–96.4%); the model 60.0%")
    assert finding.evidence["only_person_right"] == 2
    assert finding.evidence["only_model_right"] == 1
    assert finding.evidence["both_wrong"] == 0
    matrix = finding.figures[-1]
    assert isinstance(matrix, Matrix)
    assert matrix.title == "anna against the model"
    assert matrix.values == ((1.0, 1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 2.0, 0.0))
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


def test_answers_that_cannot_be_judged_are_refused() -> None:
    truth, classes = np.array([0, 1]), ("cat", "dog")
    with pytest.raises(ValueError, match="person must hold at least one answer, got none"):
        describe_person(np.array([-1, -1]), truth, classes=classes)
    with pytest.raises(ValueError, match="truth must be a label for each of 1 answers, got 2"):
        describe_person(np.array([0]), truth, classes=classes)
    with pytest.raises(ValueError, match=r"model must be class indices in 0..1, got 0..2"):
        describe_person(truth, truth, classes=classes, model=np.array([0, 2]))
    with pytest.raises(ValueError, match=r"person must be class indices in 0..1 or -1, got 0..2"):
        describe_person(np.array([0, 2]), truth, classes=classes)


@pytest.mark.parametrize(("names", "told"), [
    (("anna", "ben"), "Cohen's kappa is not defined (only one class was used, n=10), Fleiss' not defined ("),
    (("anna", "ben", "carl"), "Fleiss' kappa is not defined (only one class was used, n=10)"),
])  # fmt: skip
def test_where_all_give_one_class_kappa_is_said_to_be_undefined(names: tuple[str, ...], told: str) -> None:
    labels = np.zeros((10, len(names)), dtype=np.int64)
    agreement = measure_agreement(Annotations(tuple(f"x{i}" for i in range(10)), names, ("cat", "dog"), labels))
    finding = describe_agreement(agreement)[0]
    assert told in finding.summary
    assert "nan" not in str(finding.to_dict())
