"""Shares: dots between 0 and 1, told apart by whether they matter, never by helps and hurts."""

import json

import plotly.graph_objects as go
from figure_support import HOSTILE, painted

from assay.figure import Interval, Shares, figure_from_dict, figure_to_dict
from assay.report.figures import describe, draw
from assay.report.frames import figure_html

SHARES = Shares("t", "share", (Interval("a_b", 0.3, 0.1, 0.6, "matters"), Interval("c", 0.0, 0.0, 0.1, "not told")))


def test_the_drawing_is_valid_and_has_an_axis_from_0_to_1():
    drawing = draw(SHARES)
    assert isinstance(drawing, dict)
    json.dumps(drawing, allow_nan=False)
    go.Figure(painted(drawing))
    low, high = drawing["layout"]["xaxis"]["range"]
    assert (round(low, 1), round(high, 1)) == (0.0, 1.0)
    first, second = drawing["data"]
    assert (first["marker"]["symbol"], second["marker"]["symbol"]) == ("circle", "circle-open")
    assert "a b 0.3 [0.1, 0.6], matters" in describe(SHARES)


def test_names_are_escaped():
    page = str(figure_html(Shares(HOSTILE, HOSTILE, (Interval(HOSTILE, 0.3, 0.1, 0.6, "matters"),))))
    assert "<script>alert" not in page


def test_shares_survive_a_trip_through_json():
    assert figure_from_dict(json.loads(json.dumps(figure_to_dict(SHARES)))) == SHARES
