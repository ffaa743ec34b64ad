"""How a budget becomes folds, epochs and networks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.cleaning.networks import FEWEST_EPOCHS, MOST_EPOCHS, NETWORKS_SHARE, plan_networks

PAIR = {"small convnet": 1.0, "ResNet": 3.0}


def test_five_folds_where_there_is_time():
    # Five folds of four fifths of 4 s: 16 s an epoch.
    plan = plan_networks(160.0, PAIR, examples=1000)
    assert (plan.folds, plan.epochs) == (5, NETWORKS_SHARE * 10)
    assert plan.seconds["ResNet"] == pytest.approx(1.3 * 7.5 * 0.8 * 3.0)


def test_three_folds_then_one_network_then_none():
    assert plan_networks(40.0, PAIR, examples=1000).folds == 3
    fewer = plan_networks(12.0, PAIR, examples=1000)
    assert (fewer.folds, list(fewer.seconds)) == (3, ["small convnet"]) or fewer.folds == 5
    assert list(fewer.seconds) == ["small convnet"]
    assert plan_networks(2.0, PAIR, examples=1000).seconds == {}


def test_folds_that_were_asked_for_stay():
    assert plan_networks(1e6, PAIR, folds=8, examples=1000).folds == 8
    assert plan_networks(1e6, PAIR, folds=8, examples=4).folds == 4


@given(st.floats(0.1, 1e7), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_networks_fit_into_their_share(seconds: float, first: float, second: float):
    plan = plan_networks(seconds, {"a": first, "b": second}, examples=100)
    named = {"a": first, "b": second}
    needed = plan.folds * (1 - 1 / plan.folds) * plan.epochs * sum(named[name] for name in plan.seconds)
    # Epochs are rounded to a tenth.
    assert needed <= 1.02 * NETWORKS_SHARE * seconds + 1e-9
    assert not plan.seconds or FEWEST_EPOCHS <= plan.epochs <= MOST_EPOCHS
