"""`fuse`: a case by hand, known errors found, the strong member followed, and bad input refused."""

import tracemalloc

import numpy as np
import pytest

from assay.audit.labels.fuse import fuse
from assay.audit.labels.fusion import ACTIONS, agreed, propose
from assay.errors import InputError

EVEN = np.full((4, 2), 0.5)


def test_one_clear_error_among_ten_by_hand() -> None:
    """All members are sure that the last of six zeros is a one."""
    labels = np.array([0] * 6 + [1] * 4)
    sure = np.where(np.arange(2) == labels[:, None], 0.9, 0.1)
    sure[5] = [0.1, 0.9]
    fusion = fuse({"a": sure, "b": sure.copy()}, labels)
    assert fusion.suspects[0] == 5
    assert np.flatnonzero(fusion.flagged).tolist() == [5]
    assert fusion.votes[5].tolist() == [0, 2]
    assert fusion.votes.sum(1).tolist() == [2] * 10
    assert fusion.weights == pytest.approx({"a": 0.5, "b": 0.5})
    assert fusion.noise_estimate.count == 1
    assert fusion.noise_estimate.confusions() == ((0, 1, pytest.approx(1.0)),)
    assert fusion.member_scores["a"][5] == pytest.approx(np.log(9))
    assert fusion.answer[5] == 1


@pytest.mark.parametrize("seed", range(4))
def test_members_alike_together_beat_each(planted, precision, seed: int) -> None:
    print(f"seed {seed}")
    data = planted(seed, n=2000, skills=(2.5, 2.5, 2.5))
    fusion = fuse(data.members, data.given)
    alone = [precision(score, data.wrong) for score in fusion.member_scores.values()]
    assert precision(fusion.score, data.wrong) > max(alone) + 0.02


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_a_far_stronger_member_is_followed_where_a_mean_is_not(planted, precision, seed: int, rate: float) -> None:
    print(f"seed {seed}")
    data = planted(seed, n=2000, rate=rate, skills=(4.5, 0.5, 0.5, 0.5))
    fusion = fuse(data.members, data.given)
    assert fusion.best_member == "member 0"
    best = precision(fusion.best_member_score, data.wrong)
    mean = np.mean(list(data.members.values()), axis=0)[np.arange(2000), data.given]
    assert precision(fusion.score, data.wrong) >= best - 0.01
    assert precision(-mean, data.wrong) < best


def test_noise_by_class_that_members_foresee_is_seen_through(planted, precision) -> None:
    data = planted(9, n=3000, rate=0.4, skills=(3.0, 3.0), to_next=True)
    fusion = fuse(data.members, data.given)
    assert precision(fusion.score, data.wrong) > precision(fusion.best_member_score, data.wrong) + 0.01
    assert fusion.noise_estimate.clear_share == pytest.approx(0.4, abs=0.06)


def test_relabellings_are_nearly_all_right_and_flags_mostly(planted) -> None:
    data = planted(12, n=2000, rate=0.2, skills=(3.0, 3.0, 3.0))
    fusion = fuse(data.members, data.given)
    relabelled = fusion.action == "relabel"
    assert relabelled.sum() > 50
    assert (fusion.proposal[relabelled] == data.truth[relabelled]).mean() > 0.95
    assert data.wrong[fusion.flagged].mean() > 0.85
    assert set(fusion.action) <= set(ACTIONS)
    assert (fusion.proposal[~relabelled] == -1).all()
    assert (fusion.flagged == (fusion.action != "keep")).all()


def test_clean_labels_raise_few_flags(planted) -> None:
    data = planted(13, n=2000, rate=0.0, skills=(5.0, 5.0))
    assert fuse(data.members, data.given).flagged.mean() < 0.01


def test_order_of_classes_and_of_examples_does_not_matter(planted) -> None:
    data = planted(14)
    fusion, order = fuse(data.members, data.given), np.random.default_rng(0).permutation(600)
    shuffled = fuse({name: values[order] for name, values in data.members.items()}, data.given[order])
    assert shuffled.score == pytest.approx(fusion.score[order], abs=1e-4)
    renamed = fuse({name: values[:, ::-1] for name, values in data.members.items()}, 4 - data.given)
    assert renamed.score == pytest.approx(fusion.score, abs=1e-4)


def test_nothing_given_is_changed(planted) -> None:
    data = planted(15)
    before = {name: values.copy() for name, values in data.members.items()}, data.given.copy()
    fuse(data.members, data.given)
    assert all(np.array_equal(before[0][name], values) for name, values in data.members.items())
    assert np.array_equal(before[1], data.given)


def test_one_member_ranks_and_flags_but_never_relabels(planted, precision) -> None:
    data = planted(16, skills=(4.0,))
    fusion = fuse(data.members, data.given)
    assert fusion.weights == {"member 0": pytest.approx(1.0)}
    assert precision(fusion.score, data.wrong) > 0.8
    assert "relabel" not in fusion.action


def test_a_class_that_no_label_names(planted) -> None:
    data = planted(17, classes=5)
    wider = {name: np.hstack([values, np.zeros((600, 2))]) for name, values in data.members.items()}
    fusion = fuse(wider, data.given)
    assert np.isfinite(fusion.score).all()
    assert fusion.votes.shape == (600, 7)


def test_certain_members_and_a_single_example() -> None:
    fusion = fuse({"a": np.array([[1.0, 0.0]])}, np.array([1]))
    assert np.isfinite(fusion.score).all()
    assert fusion.score[0] > 0
    assert len(fusion) == 1


def test_ten_thousand_classes_take_no_square_of_them() -> None:
    classes, n = 10_000, 120
    draw = np.random.default_rng(0)
    values = np.full((n, classes), 0.1 / (classes - 1), dtype=np.float32)
    labels = draw.integers(classes, size=n)
    values[np.arange(n), labels] = 0.9
    labels[0] = (labels[0] + 1) % classes
    tracemalloc.start()
    fusion = fuse({"a": values, "b": values}, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fusion.suspects[0] == 0
    # A dense 10,000 x 10,000 would be 400 MB in single precision; blocks hold 4 million numbers each.
    assert peak < 300e6


def test_half_precision_ranks_alike(planted) -> None:
    data = planted(18)
    coarse = fuse({name: values.astype(np.float16) for name, values in data.members.items()}, data.given)
    fine = fuse(data.members, data.given)
    # Eleven bits are a two-thousandth of a probability.
    assert np.abs(coarse.score - fine.score).max() < 0.1


@pytest.mark.parametrize(
    ("members", "labels", "message"),
    [
        ({}, [0, 1, 0, 1], "at least one member, got none"),
        ({"a": EVEN * 1.2}, [0, 1, 0, 1], "sum to 1 in every row"),
        ({"a": EVEN * np.nan}, [0, 1, 0, 1], "sum to 1 in every row, got a sum of nan"),
        ({"a": EVEN, "b": EVEN[:3]}, [0, 1, 0, 1], r"of shape \(4, 2\), got float64 of shape \(3, 2\)"),
        ({"a": EVEN}, [0, 1, 0], "labels must be 4, one for each row of the probabilities, got 3"),
        ({"a": EVEN}, [0, 1, 2, 0], "labels must be in 0..1, got 2 at row 2"),
        ({"a": np.ones((4, 1))}, [0, 0, 0, 0], "at least 2 classes, got 1"),
        ({"a": np.ones((0, 2))}, [], "labels must be one row of class indices|at least one example, got 0"),
    ],
)
def test_bad_input(members: dict[str, np.ndarray], labels: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fuse(members, np.array(labels))


def test_agreement_by_hand() -> None:
    """Of three members the third weighs next to nothing and is not asked, though it may be the second voice."""
    choices = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 0, 0]])
    answer = np.array([1, 1, 1, 0])
    assert agreed(choices, answer, np.array([0.5, 0.49, 0.01])).tolist() == [True, True, False, True]
    assert agreed(choices, answer, np.array([0.98, 0.01, 0.01])).tolist() == [True, True, True, True]
    assert agreed(choices[:, :1], answer, np.ones(1)).tolist() == [False] * 4


def test_proposals_by_hand() -> None:
    flagged, sure = np.array([True, True, False, True]), np.array([True, False, True, True])
    action, proposal = propose(flagged, sure, np.zeros(4, dtype=np.int64), np.array([1, 1, 1, 0]))
    assert action.tolist() == ["relabel", "look", "keep", "look"]
    assert proposal.tolist() == [1, -1, -1, -1]


def test_more_confidence_asks_for_more_looks(planted) -> None:
    data = planted(19)
    bold, shy = (fuse(data.members, data.given, least_confidence=least) for least in (0.5, 0.99))
    assert (bold.action == "relabel").sum() > (shy.action == "relabel").sum()
    assert np.array_equal(bold.flagged, shy.flagged)
    with pytest.raises(InputError, match=r"least_confidence must be in \(0, 1\], got 1.5"):
        fuse(data.members, data.given, least_confidence=1.5)
