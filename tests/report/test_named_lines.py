"""Many lines are told apart without pointing at them, and a map of changes is in the colours of gains."""

import json
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from figure_support import HOSTILE, painted

from assay.figure import Lines, Matrix, Series, figure_from_dict, figure_to_dict
from assay.report.figures import draw, note_of
from assay.report.frames import figure_html, is_narrow

NAMES = ("baseline", "Mixup()", "Mixup() | EMA()", *(f"trick {number}" for number in range(8)))


def lines(names=NAMES, **options) -> Lines:
    return Lines("t", "share", "loss", tuple(
        Series(name, (0.25, 0.5, 1.0), (2.0, 1.0, 0.5 + 0.01 * place)) for place, name in enumerate(names)
    ), **options)  # fmt: skip


def drawn(figure):
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    json.dumps(drawing, allow_nan=False)
    go.Figure(painted(drawing))
    return drawing


@pytest.mark.parametrize("log_x", [False, True])
@pytest.mark.parametrize("log_y", [False, True])
def test_each_of_eleven_lines_has_its_name_at_a_place_of_its_own(log_x: bool, log_y: bool):
    layout = drawn(lines(log_x=log_x, log_y=log_y))["layout"]
    texts = [note["text"] for note in layout["annotations"]]
    assert sorted(texts) == sorted(["baseline", "Mixup", "Mixup | EMA", *NAMES[3:]])
    heights = sorted(note["y"] for note in layout["annotations"])
    low, high = layout["yaxis"]["range"]
    line = (high - low) * 16 / (layout["height"] - 88)
    assert all(after - before > 0.99 * line for before, after in pairwise(heights))
    assert low < heights[0]
    assert heights[-1] < high


def test_no_two_lines_look_the_same_and_the_baseline_stands_out():
    traces = drawn(lines())["data"][: len(NAMES)]
    looks = [(trace["line"]["color"], trace["line"]["dash"]) for trace in traces]
    assert len(set(looks)) == len(looks)
    assert looks[0] == ("var(--ink)", "solid")
    assert traces[0]["line"]["width"] > traces[1]["line"]["width"]


def test_six_have_a_legend_and_very_many_a_note():
    assert drawn(lines(NAMES[:6]))["layout"]["showlegend"]
    assert "annotations" not in drawn(lines(NAMES[:6]))["layout"]
    assert not drawn(lines(NAMES[:7]))["layout"]["showlegend"]
    many = lines(tuple(f"layer {number}" for number in range(40)))
    assert note_of(many).startswith("40 lines, more than there are colours")
    assert note_of(lines()) == ""


def test_names_are_escaped_and_lines_that_never_were_have_none():
    figure = Lines("t", "x", "y", (*lines((HOSTILE, *NAMES[1:9])).series, Series("gone", (1.0,), (float("nan"),))))
    assert "<script>alert" not in str(figure_html(figure))
    assert "gone" not in [note["text"] for note in drawn(figure)["layout"]["annotations"]]
    empty = Lines("t", "x", "y", tuple(Series(name, (), ()) for name in NAMES))
    assert drawn(empty)["data"]


def test_they_have_the_whole_width():
    assert not is_narrow(lines())
    assert is_narrow(lines(NAMES[:6]))


@pytest.mark.parametrize("values", [((0.0, 0.2), (0.2, 0.0)), ((0.0, -0.2), (0.2, 0.0))])
def test_an_increase_of_a_loss_has_the_colour_of_harm(values):
    worse = Matrix("t", values, ("a", "b"), ("a", "b"), lower_is_better=True)
    better = Matrix("t", ((0.0, -0.2), (0.2, 0.0)), ("a", "b"), ("a", "b"))
    assert drawn(worse)["data"][0]["colorscale"][2] == [1, "var(--hurts)"]
    assert drawn(worse)["data"][0]["zmin"] == -0.2
    assert drawn(better)["data"][0]["colorscale"][2] == [1, "var(--series-1)"]
    assert figure_from_dict(json.loads(json.dumps(figure_to_dict(worse)))) == worse
