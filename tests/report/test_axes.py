import json
import math
from itertools import pairwise

import pytest

from assay.report.axes import log_ticks, number_axis


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.037, 2.3, (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)),
        (0.002, 0.0955, (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)),
        (1e-5, 3.8, (1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0)),
        (1e-12, 1e4, (1e-12, 1e-10, 1e-8, 1e-6, 1e-4, 0.01, 1.0, 100.0, 1e4)),
        (3.0, 9.5, (4.0, 6.0, 8.0)),
        (0.9, 1.05, (0.9, 0.95, 1.0, 1.05)),
        (2.0, 2.0, (2.0,)),
    ],
)
def test_log_ticks_are_decades_or_1_2_5_or_equal_steps(low: float, high: float, ticks: tuple[float, ...]):
    assert log_ticks(low, high) == ticks


@pytest.mark.parametrize("span", [0.0, 1e-6, 0.1, 0.5, 0.69, 0.71, 1.0, 1.9, 2.0, 3.3, 9.0, 40.0, 600.0])
@pytest.mark.parametrize("low", [1e-300, 3.7e-5, 0.9, 1.0, 4.1])
def test_log_ticks_never_run_into_each_other(low: float, span: float):
    high = max(low, 10.0 ** min(math.log10(low) + span, 307))
    ticks = log_ticks(low, high)
    assert 1 <= len(ticks) <= 10
    places = [math.log10(tick) for tick in ticks]
    width = math.log10(high) - math.log10(low)
    assert all(right - left > 0.04 * width for left, right in pairwise(places))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((0.02, 0.9), ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        ((1e-5, 1.0), [f"10<sup>\N{MINUS SIGN}{power}</sup>" for power in (5, 4, 3, 2, 1)] + ["1"]),
        ((2e-5, 3e-5), [f"{lead} \N{MULTIPLICATION SIGN} 10<sup>\N{MINUS SIGN}5</sup>"
                        for lead in (2, 2.2, 2.4, 2.6, 2.8, 3)]),
    ],
)  # fmt: skip
def test_small_ticks_are_powers_of_ten(values: tuple[float, ...], texts: list[str]):
    assert number_axis("x", log=True, values=values)["ticktext"] == texts


@pytest.mark.parametrize("values", [(), (0.0, -1.0), (math.nan, math.inf), (5e-324, 1e308)])
def test_a_log_axis_stands_without_values_above_zero(values: tuple[float, ...]):
    axis = number_axis("x", log=True, values=values)
    assert axis["type"] == "log"
    assert axis["tickvals"]
    json.dumps(axis, allow_nan=False)


def test_ticks_of_a_short_logarithmic_axis_keep_room_for_their_texts():
    for low, high in ((0.002, 0.0099), (1.0, 4.9), (0.1, 0.45), (30.0, 140.0)):
        ticks = log_ticks(low, high)
        share = 0.15 * math.log10(high / low)
        assert len(ticks) >= 3
        assert all(math.log10(after / before) >= share for before, after in pairwise(ticks))
