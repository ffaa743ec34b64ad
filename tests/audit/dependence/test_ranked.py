"""Ranks and their scores by hand, and what has none."""

import numpy as np
import pytest
import torch

from assay.audit.counts import splits_of
from assay.audit.dependence.ranked import rank_examples, score_within, strata_of
from assay.audit.scan import scan


def test_scores_by_hand() -> None:
    values = np.array([[10.0], [1.0], [20.0], [30.0], [2.0], [40.0], [50.0], [3.0], [4.0], [5.0]])
    strata = np.array([0, 1, 0, 0, 1, 0, 0, 1, 1, 1])
    scores = score_within(values, strata)[:, 0]
    expected = np.array([-2, -1, 0, 1, 2]) / np.sqrt(2)
    assert scores[strata == 0] == pytest.approx(expected)
    assert scores[strata == 1] == pytest.approx(expected)


def test_equal_values_and_small_classes_have_no_score() -> None:
    values = np.array([[1.0, 7.0]] * 6 + [[5.0, 3.0]] * 3)
    assert not score_within(values, np.array([0] * 6 + [1] * 3)).any()


def test_numbers_are_cut_into_tenths() -> None:
    tenths = strata_of(np.random.default_rng(0).permutation(1_000).astype(float), is_classification=False)
    assert np.bincount(tenths).tolist() == pytest.approx([100] * 10, abs=1)


def test_examples_of_all_splits_stand_one_after_the_other(make_table) -> None:
    data = make_table(3)
    ranked = rank_examples(data, {name: scan(split) for name, split in splits_of(data).items()})
    assert ranked is not None
    assert ranked.ids == (*data.train.ids, *data.validation.ids, *data.test.ids)
    assert ranked.raw.shape == ranked.scores.shape == (200, 5)
    for stratum in range(3):
        part = ranked.scores[ranked.strata == stratum]
        assert part.mean(0) == pytest.approx(np.zeros(5), abs=1e-9)
        assert part.std(0) == pytest.approx(np.ones(5))


def test_rows_that_are_not_finite_are_left_out_and_signals_have_no_columns(make_table, make_data) -> None:
    data = make_table(3)
    data.train.inputs[4, 1] = torch.nan
    ranked = rank_examples(data, {"train": scan(data.train)})
    assert ranked is not None
    assert data.train.ids[4] not in ranked.ids
    signals = make_data(torch.randn(200, 2, 9), torch.arange(200) % 2)
    assert rank_examples(signals, {"train": scan(signals.train)}) is None
