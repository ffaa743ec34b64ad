"""Axes end where a quantity does, and 0 has a place beside a logarithmic one."""

import json
import math

import plotly.graph_objects as go
import pytest
from figure_support import painted

from assay.figure import Lines, Series
from assay.report.axes import level_range, place_of_zero
from assay.report.figures import draw, note_of


def drawn(figure: Lines):
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    json.dumps(drawing, allow_nan=False)
    go.Figure(painted(drawing))
    return drawing


def test_values_that_are_all_the_same_do_not_open_the_axis_into_what_cannot_be():
    low, high = drawn(Lines("t", "x", "accuracy", (Series("a", (1.0, 2.0), (0.9474, 0.9474)),)))["layout"]["yaxis"][
        "range"
    ]
    assert 0.5 < low < 0.9474 < high < 1.05
    assert level_range("MiB at the peak", (0.02,)) == pytest.approx([0.018, 0.022])
    assert level_range("validation loss", (2.0, math.nan)) == pytest.approx([1.8, 2.2])
    assert level_range("r2", (-1.0,)) == pytest.approx([-1.1, -0.9])
    assert level_range("errors", (0.0,)) == [-0.05, 1.0]


def test_values_that_differ_leave_the_axis_as_it_is():
    assert level_range("accuracy", (0.1, 0.2)) is None
    assert level_range("", ()) is None
    assert "range" not in drawn(Lines("t", "x", "y", (Series("a", (1.0, 2.0), (0.1, 0.2)),)))["layout"]["yaxis"]


def test_zero_stands_left_of_a_logarithmic_axis_by_hand():
    """Two decades of values: a fifth of them, .4, lies between 0 and the least."""
    assert place_of_zero((0.0, 0.001, 0.1)) == pytest.approx(0.001 / 10**0.4)
    figure = Lines("t", "weight decay", "y", (Series("a", (0.0, 0.001, 0.1), (1.0, 2.0, 3.0), "points"),), log_x=True)
    drawing = drawn(figure)
    (trace,), axis = drawing["data"], drawing["layout"]["xaxis"]
    assert trace["x"][0] == pytest.approx(0.001 / 10**0.4, rel=1e-4)
    assert trace["customdata"] == [0.0, 0.001, 0.1]
    assert (axis["tickvals"][0], axis["ticktext"][0]) == (pytest.approx(trace["x"][0], rel=1e-4), "0")
    assert note_of(figure) == "0 has no place on a logarithmic axis, and stands left of it."


def test_nothing_above_0_on_a_logarithmic_axis():
    drawing = drawn(Lines("t", "x", "y", (Series("a", (0.0,), (1.0,), "points"),), log_x=True))
    assert drawing["data"][0]["x"] == [1.0]
