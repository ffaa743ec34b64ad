"""Unlabelled examples: agreed, disputed and double ones, by hand and with known skills."""

import numpy as np
import pytest

from assay.audit.labels.additions import propose_additions
from assay.audit.labels.fuse import fuse
from assay.errors import InputError

SURE, UNSURE, OTHER = [0.96, 0.02, 0.02], [0.6, 0.2, 0.2], [0.02, 0.96, 0.02]


@pytest.fixture
def fusion():
    """Both members are right with the nine tenths that they claim, and err on different examples."""
    labels = np.arange(300) % 3
    answers = np.stack([(labels + (np.arange(300) % 10 == digit)) % 3 for digit in (4, 7)])
    first, second = np.where(np.arange(3) == answers[:, :, None], 0.9, 0.05)
    return fuse({"a": first, "b": second}, labels)


def test_by_hand(fusion) -> None:
    """Agreed and sure, agreed but unsure, disputed, and a near-duplicate that would else be labelled."""
    first, second = np.array([SURE, UNSURE, SURE, SURE]), np.array([SURE, UNSURE, OTHER, SURE])
    added = propose_additions({"a": first, "b": second}, fusion, np.array([False, False, False, True]))
    assert added.action.tolist() == ["label", "annotate", "annotate", "drop"]
    assert added.proposal.tolist() == [0, -1, -1, -1]
    assert added.to_annotate.tolist() == [2, 1], "what is disputed comes before what all are unsure of"
    assert added.agreement == pytest.approx([1, 1, 0.5, 1])
    assert added.confidence[0] == pytest.approx(0.96, abs=0.02)


def test_members_may_come_in_any_order(fusion) -> None:
    first, second = np.array([SURE, SURE]), np.array([SURE, OTHER])
    one = propose_additions({"a": first, "b": second}, fusion)
    other = propose_additions({"b": second, "a": first}, fusion)
    assert np.array_equal(one.action, other.action)
    assert one.confidence == pytest.approx(other.confidence)


def test_proposed_labels_are_nearly_all_right(planted) -> None:
    known, new = (planted(seed, n=2000, skills=(4.0, 4.0)) for seed in (31, 32))
    added = propose_additions(new.members, fuse(known.members, known.given))
    labelled = added.action == "label"
    assert labelled.mean() > 0.3
    assert (added.proposal[labelled] == new.truth[labelled]).mean() > 0.98


def test_one_member_alone_labels_nothing() -> None:
    labels = np.arange(30) % 3
    alone = fuse({"a": np.where(np.arange(3) == labels[:, None], 0.9, 0.05)}, labels)
    assert propose_additions({"a": np.array([SURE])}, alone).action.tolist() == ["annotate"]


def test_bad_input(fusion) -> None:
    rows = np.array([SURE, SURE])
    with pytest.raises(InputError, match="fusion's members a, b over 3 classes, got a over 3"):
        propose_additions({"a": rows}, fusion)
    with pytest.raises(InputError, match="near_duplicates must be 2 truth values, got int64 of shape"):
        propose_additions({"a": rows, "b": rows}, fusion, np.array([0, 1]))
    with pytest.raises(InputError, match=r"least_confidence must be in \(0, 1\], got 0"):
        propose_additions({"a": rows, "b": rows}, fusion, least_confidence=0.0)
    with pytest.raises(InputError, match="sum to 1 in every row"):
        propose_additions({"a": rows * 2, "b": rows}, fusion)
