"""Charts of all kinds: valid, escaped, and what each shows of numbers that are many, equal, or missing."""

import json
import math

import plotly.graph_objects as go
import pytest
from figure_support import HOSTILE, painted

from assay.figure import Bars, Figure, Forest, Images, Interval, Lines, Matrix, Series, Table
from assay.report.figures import describe, draw, verdict_kind
from assay.report.frames import figure_html
from assay.report.markup import images_html, png_size, tile_columns
from assay.report.tables import table_html

LINES = Lines("t", "step", HOSTILE, (Series(HOSTILE, (0.0, 1.0, 2.0), (1.0, math.nan, 0.5)),), log_y=True)
BARS = Bars("t", (HOSTILE, "10", "10"), (1.0, 2.0, 3.0), "n")
FOREST = Forest("t", "points", (Interval(HOSTILE, 0.1, -0.1, 0.3, "helps"), Interval("b", math.nan, 0.0, 0.0, "")))
MATRIX = Matrix("t", ((5.0, 0.0), (1.0, 4.0)), (HOSTILE, "b"), (HOSTILE, "b"), "true", "predicted")
SIGNED = Matrix("t", ((-1.0, 2.0, 0.0),), ("a",), ("x", "y", "z"))
CHARTS: list[Figure] = [LINES, BARS, FOREST, MATRIX, SIGNED]


@pytest.mark.parametrize("figure", CHARTS, ids=lambda figure: type(figure).__name__)
def test_charts_are_valid_to_plotly_strict_json_and_escaped(figure: Figure):
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    go.Figure(painted(drawing))
    text = json.dumps(drawing, allow_nan=False)
    assert "<script" not in text
    assert "<script" not in str(figure_html(figure)).replace('<script type="application/json">', "")


def test_equal_labels_keep_their_own_bars():
    drawing = draw(BARS)
    assert isinstance(drawing, dict)
    assert drawing["data"][0]["x"] == [1.0, 2.0, 3.0]
    assert drawing["data"][0]["y"] == [0, 1, 2]
    assert drawing["layout"]["yaxis"]["ticktext"][1:] == ["10", "10"]


def test_bars_that_are_all_zero_stand_on_an_axis_from_zero_to_one():
    assert draw(Bars("Dead units", ("relu",), (0.0,), "share"))["layout"]["yaxis"]["range"] == [0, 1]
    assert "range" not in draw(Bars("Dead units", ("relu",), (0.1,), "share"))["layout"]["yaxis"]


def test_many_bars_lie_but_those_of_a_histogram_stand_with_every_kth_named():
    bins = tuple(f"{-2 + 0.3 * n:.3g}" for n in range(24))
    histogram, classes = (draw(Bars("t", labels, (1.0,) * 24)) for labels in (bins, bins[::-1]))
    assert isinstance(histogram, dict)
    assert isinstance(classes, dict)
    assert "orientation" not in histogram["data"][0]
    assert histogram["layout"]["xaxis"]["ticktext"] == list(bins[::3])
    assert classes["data"][0]["orientation"] == "h"


def test_a_confusion_matrix_scales_its_errors_apart_from_its_diagonal():
    drawing = draw(MATRIX)
    assert isinstance(drawing, dict)
    errors, diagonal = drawing["data"]
    assert errors["z"] == [[None, 0.0], [1.0, None]]
    assert errors["zmax"] == 1.0
    assert diagonal["z"] == [[5.0, None], [None, 4.0]]
    assert errors["text"] == [["", ""], ["1", ""]]


def test_long_curves_are_thinned_without_losing_a_spike():
    y = [0.0] * 50_000
    y[31_415] = 9.0
    drawing = draw(Lines("t", "x", "y", (Series("s", tuple(map(float, range(50_000))), tuple(y)),)))
    assert isinstance(drawing, dict)
    kept = drawing["data"][0]
    assert len(kept["x"]) <= 1300
    assert kept["x"][kept["y"].index(9.0)] == 31_415
    assert kept["x"] == sorted(kept["x"])


def test_points_are_drawn_as_points_and_lesser_ones_hollow():
    clouds = (Series("finished", (1.0, 2.0), (0.9, 0.8), "points"), Series("stopped", (3.0,), (0.1,), "hollow points"))
    drawing = draw(Lines("t", "rate", "accuracy", clouds, log_x=True))
    assert isinstance(drawing, dict)
    go.Figure(painted(drawing))
    assert [trace["mode"] for trace in drawing["data"]] == ["markers", "markers"]
    assert [trace["marker"]["symbol"] for trace in drawing["data"]] == ["circle", "circle-open"]
    assert drawing["layout"]["showlegend"]


def test_verdicts_have_three_kinds():
    said = ["helps", "hurts", "no measurable effect (would have seen 1)", "", "Helps."]
    assert [verdict_kind(v) for v in said] == ["helps", "hurts", "unclear", "unclear", "helps"]


@pytest.mark.parametrize("figure", [LINES, BARS, FOREST], ids=lambda figure: type(figure).__name__)
def test_charts_are_told_to_those_who_cannot_see_them(figure: Figure):
    assert len(describe(figure)) > 20


PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)  # fmt: skip


def test_pictures_are_shown_only_if_they_are_pngs():
    assert png_size(PNG) == (1, 1)
    shown = str(images_html(Images("t", (PNG, 'x" onerror="alert(1)', "aGVsbG8="), (HOSTILE, "b"))))
    assert shown.count("<img") == 1
    assert 'class="pixels"' in shown
    assert shown.count("not a PNG picture") == 2
    assert "onerror" not in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    ("count", "caption", "columns"),
    [(12, "mean 56.25: digits/1626", (6, 4)), (40, "0: digits/1615", (10, 4)), (32, "", (8, 8)),
     (16, "7 (0.91)", (8, 4)), (2, "said 1 (80%)", (7, 2)), (1, "", (7, 2))],
)  # fmt: skip
def test_tiles_leave_few_holes_and_room_for_their_captions(count: int, caption: str, columns: tuple[int, int]):
    assert tile_columns(Images("t", ("",) * count, (caption,) * count if caption else ())) == columns


def test_tables_escape_and_set_numbers_flush_right():
    shown = str(table_html(Table("t", ("name", "value"), ((HOSTILE, "98.6 %"), ("b", "[1.0, 2.0]")))))
    assert "<script" not in shown
    assert shown.count('class="number"') == 3


def test_intervals_in_words_are_numbers_and_short_words_stay_in_one_line():
    rows = (("Mixup", "-1.15 to +1.84", "helps", "a" * 25), ("Cutout", "+0.10 to +0.20", "no measurable effect", "b"))
    shown = str(table_html(Table("t", ("trick", "interval", "verdict", "said"), rows)))
    assert shown.count('<td class="number">') == 2
    assert shown.count('<td class="short">') == 2
    assert "<td>" + "a" * 25 in shown
