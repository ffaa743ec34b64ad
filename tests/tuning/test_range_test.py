"""The learning-rate range test: its curve read by hand, and run on tiny data."""

from __future__ import annotations

import math

import pytest
import torch

from assay.data.data import Data
from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.average.ema import EMA
from assay.tricks.average.snapshots import Snapshots
from assay.tricks.schedule.divide_on_plateau import DivideOnPlateau
from assay.tricks.schedule.grow_batch import GrowBatch
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tuning.range_test import ExponentialRise, RangeTest, find_range, has_broken, read_range, smooth

RECIPE = Recipe(model=MLP(hidden=(16,)), optimizer=AdamW(), batch_size=8, epochs=2)


class TestExponentialRise:
    def test_first_middle_and_last(self) -> None:
        rise = ExponentialRise(1e-4, 1.0)
        assert [rise(Clock(step, 5, 5)) for step in (0, 2, 4)] == pytest.approx([1e-4, 1e-2, 1.0])

    def test_a_single_step(self) -> None:
        assert ExponentialRise(1e-4, 1.0)(Clock(0, 1, 1)) == pytest.approx(1e-4)


class TestSmooth:
    def test_by_hand(self) -> None:
        """Averages .5*4=2 -> /.5; .5*2+.5*2=2 -> /.75; the correction makes the first value stand as it is."""
        assert smooth([4.0, 2.0], window=2) == pytest.approx((4.0, 2.0 / 0.75))

    def test_a_constant_stays(self) -> None:
        assert smooth([3.0] * 7, window=10) == pytest.approx((3.0,) * 7)

    def test_a_window_of_one_changes_nothing(self) -> None:
        assert smooth([4.0, 2.0, 7.0], window=0.6) == (4.0, 2.0, 7.0)


class TestReadRange:
    def test_the_smallest_rate_that_brought_the_fall(self) -> None:
        """From 2.0 to 1.0: 95 % of the fall is 1.05, reached at the third rate, not at the lowest loss."""
        found = read_range([1e-3, 1e-2, 1e-1, 1.0, 10.0], [2.0, 1.5, 1.04, 1.0, 5.0])
        assert found.high == 1e-1
        assert found.low == pytest.approx(1e-1 / 30)

    def test_a_plateau_counts_from_its_start(self) -> None:
        assert read_range([0.1, 1.0, 10.0], [1.0, 0.001, 0.0]).high == 1.0

    def test_a_loss_that_only_rises(self) -> None:
        assert read_range([0.1, 1.0, 10.0], [1.0, 2.0, 3.0]).high == 0.1

    def test_values_that_are_no_numbers_are_left_out(self) -> None:
        found = read_range([0.1, 1.0, 10.0], [2.0, 1.0, math.nan])
        assert found.high == 1.0
        assert found.losses == (2.0, 1.0)

    def test_nothing_but_nan(self) -> None:
        found = read_range([0.1], [math.nan])
        assert (found.low, found.high) == pytest.approx((0.1 / 30, 0.1))


class TestHasBroken:
    def test_one_hard_batch_is_no_break(self) -> None:
        assert not has_broken([0.1] * 10 + [2.0], 100)

    def test_an_easy_first_batch_is_no_break(self) -> None:
        """Regression batches of a few examples differ a lot from the very start."""
        assert not has_broken([0.01, 1.0, 1.2, 0.8, 1.1], 100)

    def test_lasting_growth_is(self) -> None:
        assert has_broken([1.0] * 10 + [20.0] * 10, 100)

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_no_number_is(self, value: float) -> None:
        assert has_broken([1.0, value], 100)


def test_rates_rise_from_low_to_high(tiny_images: Data) -> None:
    found = find_range(RECIPE, tiny_images, steps=30, low=1e-5, high=1e-2)
    assert found.rates[0] == pytest.approx(1e-5)
    assert found.rates[-1] == pytest.approx(1e-2)
    assert len(found.rates) == len(found.losses) == 30


def test_ends_when_training_blows_up(tiny_table: Data) -> None:
    recipe = Recipe(model=MLP(hidden=(16,)), loss=MeanSquaredError(), optimizer=SGD(), batch_size=8, epochs=2)
    found = find_range(recipe, tiny_table, steps=80, low=1e-3, high=1e4)
    assert found.rates[-1] < 1e4
    assert 1e-3 <= found.high < 10.0
    assert all(math.isfinite(loss) for loss in found.losses)


def test_the_recipes_own_schedule_and_average_stand_aside(tiny_images: Data) -> None:
    plain = find_range(RECIPE, tiny_images, steps=12)
    tricked = find_range(RECIPE | OneCycle() | EMA(), tiny_images, steps=12)
    assert tricked.rates == pytest.approx(plain.rates)
    assert tricked.losses == pytest.approx(plain.losses)


def test_schedules_of_other_quantities_stay_and_the_rates_are_still_the_tests_own(tiny_images: Data) -> None:
    """GrowBatch's rate stands aside and its batch does not; plateaus are looked for once an epoch, so not here."""
    others = RECIPE | GrowBatch((0.5,), factor=2.0, cap=1.5) | LinearDecay(0.0, of="weight_decay")
    stacked = others | LinearDecay(of="momentum") | DivideOnPlateau() | Snapshots()
    plain, found = (find_range(recipe, tiny_images, steps=9) for recipe in (RECIPE, stacked))
    assert found.rates == pytest.approx(plain.rates)
    assert all(map(math.isfinite, found.losses))
    assert found.losses != pytest.approx(plain.losses)


def test_same_seed_same_curve_and_no_trace(tiny_images: Data, random_state_untouched: None) -> None:
    first, again = (find_range(RECIPE, tiny_images, steps=10, seed=5) for _ in range(2))
    assert first == again
    assert find_range(RECIPE, tiny_images, steps=10, seed=6).losses != first.losses


def test_more_steps_than_an_epoch_has(tiny_images: Data) -> None:
    assert len(find_range(RECIPE, tiny_images, steps=11, high=1e-3).rates) == 11


def test_figure_has_a_logarithmic_axis(tiny_images: Data) -> None:
    figure = find_range(RECIPE, tiny_images, steps=6).figure()
    assert figure.log_x
    assert torch.tensor(figure.series[0].y).isfinite().all()


def test_runs_on_the_device_it_is_told(tiny_table: Data) -> None:
    with pytest.raises(InputError, match="device 'abacus'"):
        find_range(Recipe(loss=MeanSquaredError()), tiny_table, device="abacus")


def test_a_last_leap_of_the_loss_does_not_flatten_the_rest_of_the_figure() -> None:
    rates = (1e-4, 1e-3, 1e-2, 1e-1)
    assert RangeTest(rates, (1.0, 0.5, 0.4, 700.0), 1e-3, 1e-2).figure().log_y
    assert not RangeTest(rates, (2.4, 0.8, 0.5, 7.0), 1e-3, 1e-2).figure().log_y
    assert not RangeTest(rates, (1.0, 0.5, 0.0, 700.0), 1e-3, 1e-2).figure().log_y
