"""Gain against cost: the frontier by hand, names that never overlap, and what has no estimate."""

import json
import math
import random
from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from figure_support import HOSTILE, painted

from assay.figure import CostedGain, Pareto
from assay.report.figures import describe, draw, note_of
from assay.report.figures.pareto import MARGIN_PIXELS, NAME_PIXELS, frontier, name_heights
from assay.report.frames import figure_html, is_narrow


def gain(label: str, cost: float, worth: float, verdict: str = "") -> CostedGain:
    return CostedGain(label, cost, worth, worth - 0.2, worth + 0.2, verdict)


POINTS = (
    gain("cheap", 1.1, 0.5, "helps"), gain("dear", 2.0, 0.9, "helps"), gain("beaten", 1.5, 0.4),
    gain("harmful", 0.9, -0.3, "hurts"), gain("unknown", 1.0, math.nan),
)  # fmt: skip
FIGURE = Pareto("t", "seconds", "points", POINTS, 1.0)


def test_the_frontier_by_hand():
    # Cheapest first: beaten costs more than cheap and gains less; harmful does not help, cheaper as it is.
    assert [label for _, _, label in frontier(FIGURE)] == ["baseline", "cheap", "dear"]
    assert [label for _, _, label in frontier(Pareto("t", "c", "g", POINTS))] == ["cheap", "dear"]
    plain = tuple(replace(point, verdict="") for point in POINTS)
    assert [label for _, _, label in frontier(Pareto("t", "c", "g", plain))] == ["harmful", "cheap", "dear"]
    assert frontier(Pareto("t", "c", "g", ())) == []


def test_no_frontier_point_is_beaten_and_every_other_one_is():
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    points = tuple(gain(str(n), dice.uniform(1, 2), dice.gauss(0, 1)) for n in range(40))
    best = {label for _, _, label in frontier(Pareto("t", "c", "g", points))}
    for one in points:
        beaten = any(o.cost <= one.cost and o.gain >= one.gain and o is not one for o in points)
        assert (one.label in best) is not beaten


@pytest.mark.parametrize("gains", [[0.1] * 12, [1.0, 0.9, 0.89, 0.2, -0.9, -0.9], [0.5], []], ids=str)
def test_names_stand_a_line_apart_and_inside_the_chart(gains: list[float]):
    height = max(340, NAME_PIXELS * len(gains) + MARGIN_PIXELS)
    places = name_heights(gains, -1.0, 1.0, height)
    line = 2.0 * NAME_PIXELS / (height - MARGIN_PIXELS)
    assert all(above - below >= line - 1e-9 for above, below in pairwise(places))
    assert all(-1.0 < place < 1.0 for place in places)


def test_drawn_valid_strict_and_escaped_and_what_is_unknown_is_left_out_and_told():
    figure = Pareto("t", HOSTILE, "points", (*POINTS, gain(HOSTILE, 1.2, 0.1)), 1.0)
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    go.Figure(painted(drawing))
    assert "<script" not in json.dumps(drawing, allow_nan=False)
    assert "left out: 1 point" in note_of(figure)
    assert "Not beaten in both: baseline, cheap, dear" in describe(figure)
    assert "left out" not in note_of(Pareto("t", "c", "g", POINTS[:2]))


def test_it_takes_the_whole_width_and_slides_in_a_narrow_window():
    assert not is_narrow(FIGURE)
    assert 'class="sideways" tabindex="0"' in figure_html(FIGURE)


def test_one_point_none_and_all_unknown_are_drawn():
    for points in (POINTS[:1], (), POINTS[-1:]):
        for baseline in (None, 1.0):
            drawing = draw(Pareto("t", "c", "g", points, baseline))
            assert isinstance(drawing, dict)
            json.dumps(drawing, allow_nan=False)


def test_stairs_are_drawn_only_where_something_beats_the_baseline():
    unclear = Pareto("t", "cost", "gain", (CostedGain("a", 1.2, 0.3, -0.2, 0.8, "no measurable effect"),), 1.0)
    helping = Pareto("t", "cost", "gain", (CostedGain("a", 1.2, 0.3, 0.1, 0.5, "helps"),), 1.0)
    stairs = [[trace for trace in draw(figure)["data"] if trace["mode"] == "lines"] for figure in
              (unclear, helping)]  # fmt: skip
    assert [len(one) for one in stairs] == [0, 1]
    assert "stairs" not in note_of(unclear)
    assert "stairs" in note_of(helping)
    assert "The square is the baseline." in note_of(unclear)
    assert "hollow grey" in note_of(unclear)
