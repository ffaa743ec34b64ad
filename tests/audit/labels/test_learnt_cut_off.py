"""A cut-off learnt from reviews: better than before, from 300 on, and never from one-sided reviews."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assay.audit.labels.cut_off import LEAST_REVIEWED, CutOff, learn_cut_off, reviewed_rows
from assay.audit.labels.fuse import fuse
from assay.audit.labels.fusion import Fusion
from assay.errors import InputError


def review(data: Any, rows: np.ndarray) -> dict[int, bool]:
    return {int(row): bool(data.wrong[row]) for row in rows}


@pytest.fixture
def fused(planted: Callable[..., Any]) -> tuple[Any, Fusion]:
    data = planted(21, n=3000, rate=0.05, skills=(1.5, 1.5, 1.0))
    return data, fuse(data.members, data.given)


def test_flags_are_better_than_before_and_chances_are_calibrated(fused: tuple[Any, Fusion]) -> None:
    """Weak members disagree with many right labels, and fuse takes them at their word."""
    data, fusion = fused
    rows = np.random.default_rng(0).permutation(3000)[:600]
    cut_off = learn_cut_off(fusion, review(data, rows))
    learnt = cut_off.apply(fusion)
    unseen = np.setdiff1d(np.arange(3000), rows)

    def mistakes(flags: np.ndarray) -> float:
        return float((flags != data.wrong)[unseen].mean())

    assert mistakes(learnt.flagged) < 0.8 * mistakes(fusion.flagged)
    # Three deviations of the share of errors among 2400.
    assert cut_off.chance[unseen].mean() == pytest.approx(data.wrong[unseen].mean(), abs=0.03)
    assert cut_off.reviewed == 600
    assert cut_off.errors == data.wrong[rows].sum()
    assert cut_off.slopes["pool"] > 0
    assert set(cut_off.slopes) == {"pool", "member member 0", "member member 1", "member member 2", "votes against"}
    assert (
        learnt.cut_off
        == f"chance of an error at least 0.5, learnt from 600 reviewed examples with {cut_off.errors} errors"
    )


def test_applying_ranks_by_chance_and_keeps_actions_in_step(fused: tuple[Any, Fusion]) -> None:
    data, fusion = fused
    learnt = learn_cut_off(fusion, review(data, fusion.suspects[:800]))
    applied = learnt.apply(fusion, least_chance=0.8)
    assert np.array_equal(np.argsort(-applied.score, kind="stable"), np.argsort(-learnt.chance, kind="stable"))
    assert np.array_equal(applied.flagged, learnt.chance >= 0.8)
    assert ((applied.action != "keep") == applied.flagged).all()
    assert ((applied.proposal >= 0) == (applied.action == "relabel")).all()


def test_needs_three_hundred_of_both_kinds(fused: tuple[Any, Fusion]) -> None:
    data, fusion = fused
    rows = np.arange(LEAST_REVIEWED - 1)
    with pytest.raises(InputError, match=r"299 labels are reviewed; from 300 on a .*: review more"):
        learn_cut_off(fusion, review(data, rows))
    right = np.flatnonzero(~data.wrong)[:400]
    with pytest.raises(
        InputError, match="0 of 400 reviewed labels are wrong; a cut-off is learnt from 10 wrong and 10"
    ):
        learn_cut_off(fusion, review(data, right))


def test_bad_input(fused: tuple[Any, Fusion]) -> None:
    _, fusion = fused
    with pytest.raises(InputError, match=r"rows in 0..2, got 3; were the data changed since\?"):
        reviewed_rows({1: True, 3: False}, 3)
    cut_off = CutOff(np.full(3, 0.5), {}, 300, 20)
    with pytest.raises(InputError, match="fusion must be of the 3 examples learnt from, got 3000"):
        cut_off.apply(fusion)
    with pytest.raises(InputError, match=r"least_chance must be in \(0, 1\), got 1"):
        cut_off.apply(fusion, least_chance=1.0)
