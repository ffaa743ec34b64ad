"""Settings that were tried: scales by hand, the surface against an independent one, and odd trials."""

import json
import math
import random
import re

import numpy as np
import plotly.graph_objects as go
import pytest
from figure_support import HOSTILE, painted

from assay.figure import Figure, Parallel, Passage, Setting, Slices, Surface, Tried
from assay.report.figures import describe, draw, note_of
from assay.report.figures.setting_scale import scale_numbers, scale_setting
from assay.report.figures.smoothing import smooth
from assay.report.figures.trials import drawn, scored, tell_best
from assay.report.frames import figure_html, is_narrow


def tried(n: int, *, lower_is_better: bool = False) -> Tried:
    dice = random.Random(7)
    rates = tuple(10 ** dice.uniform(-4, 0) for _ in range(n))
    decays = tuple(dice.uniform(0, 1) for _ in range(n))
    kinds = tuple(dice.choice(["sgd", "adam", HOSTILE]) for _ in range(n))
    scores = tuple(math.nan if rate > 0.5 else dice.random() for rate in rates)
    settings = (Setting("rate", rates, log=True), Setting(HOSTILE, decays), Setting("kind", kinds))
    return Tried("accuracy", scores, settings, lower_is_better=lower_is_better)


def figures(of: Tried) -> list[Figure]:
    return [Parallel("t", of), Slices("t", of), Surface("t", "rate", HOSTILE, of), Surface("t", "rate", "kind", of)]


ODD = Tried(
    "loss", (math.nan, 0.3, math.inf), (Setting("rate", (0.0, 0.1, None), log=True), Setting("kind", ("a", "a", "a")),
    Setting("never", (None, None, None)), Setting(HOSTILE, (True, False, True))), lower_is_better=True, log_scores=True,
)  # fmt: skip
CASES = [tried(60), tried(1), tried(700), ODD, Tried("loss", (), (Setting("rate", ()), Setting(HOSTILE, ())))]


@pytest.mark.parametrize("of", CASES, ids=["sixty", "one", "seven hundred", "odd", "none"])
def test_any_trials_are_drawn_valid_strict_and_escaped(of: Tried):
    names = [setting.name for setting in of.settings]
    for figure in (Parallel("t", of), Slices("t", of), Surface("t", names[0], names[1], of)):
        drawing = draw(figure)
        if isinstance(drawing, dict):
            go.Figure(painted(drawing))
            json.dumps(drawing, allow_nan=False)
        page = str(figure_html(figure)).replace('<script type="application/json">', "")
        assert "<script" not in page
        assert len(describe(figure)) > 20
        assert len(note_of(figure)) > 20
        assert not is_narrow(figure)


def test_of_more_than_five_hundred_as_many_are_drawn_and_the_best_among_them():
    of = tried(700)
    ordered = scored(of)
    assert len(ordered) > 500
    kept = drawn(ordered)
    assert len(set(kept)) == 500
    assert kept[-1] == ordered[-1]
    assert "700 trials, 500 drawn" in note_of(Parallel("t", of))
    assert drawn([1, 2, 3]) == [1, 2, 3]


def test_the_best_is_the_lowest_where_lower_is_better():
    of = Tried("loss", (0.3, 0.1, math.nan), (Setting("rate", (1.0, 2.0, 3.0)),), lower_is_better=True)
    assert scored(of) == [0, 1]
    assert tell_best(of) == "best loss 0.1, trial 2, with rate 2"
    assert tell_best(Tried("loss", (math.nan,), ())) == "no trial has a score"


def test_a_logarithmic_scale_by_hand():
    scale = scale_setting(Setting("rate", (1e-4, 1e-2, 0.0, -1.0, None, math.nan), log=True))
    assert scale.places == pytest.approx((-4.0, -2.0, -4.4, None, None, None))
    assert scale.share(-3.2) == pytest.approx(0.5)
    assert scale.ticks == (
        (pytest.approx(-4.4), "0"), (-4.0, "10<sup>\N{MINUS SIGN}4</sup>"), (-2.0, "10<sup>\N{MINUS SIGN}2</sup>"),
    )  # fmt: skip
    assert scale_setting(Setting("rate", (0.0, 0.0), log=True)).ticks == ((0.0, "0"),)


def test_few_values_are_named_themselves_and_many_get_round_ticks():
    few = scale_numbers("batch", (32.0, 64.0, 128.0, 64.0), log=True)
    assert [text for _, text in few.ticks] == ["32", "64", "128"]
    many = scale_numbers("rate", tuple(0.013 * n for n in range(20)))
    assert [text for _, text in many.ticks] == ["0", "0.05", "0.1", "0.15", "0.2"]
    same = scale_numbers("same", (0.0, 0.0))
    assert same.low < 0.0 < same.high


def test_categories_stand_in_a_row_each_a_little_spread():
    scale = scale_setting(Setting("kind", ("b", "a", None, "b")))
    assert scale.places == (1.0, 0.0, None, 1.0)
    assert [text for _, text in scale.ticks] == ["a", "b"]
    assert all(abs(there - place) <= 0.15 for there, place in zip(scale.scattered, scale.places, strict=True)
               if there is not None and place is not None)  # fmt: skip
    assert scale.scattered[0] == 1.0  # the first alone stands in the middle


def test_parallel_lines_break_where_a_setting_was_not_set_and_failures_are_dotted():
    of = Tried("acc", (0.5, math.nan), (Setting("a", (1.0, 2.0)), Setting("b", (None, 3.0))))
    drawing = draw(Parallel("t", of))
    assert isinstance(drawing, dict)
    failed, *_, best = drawing["data"]
    assert failed["line"]["dash"] == "dot"
    assert best["x"] == [0, 1, 2, None]
    assert best["y"] == [0.0, None, 0.5, None]


def test_the_surface_agrees_with_scipy_and_is_blank_away_from_trials():
    from scipy.stats import gaussian_kde

    dice = np.random.default_rng(500)
    x, y = dice.uniform(0, 0.4, 30).tolist(), dice.uniform(0, 1, 30).tolist()
    scores = dice.normal(size=30).tolist()
    made = smooth(x, y, scores, ((0.0, 1.0), (0.0, 1.0)))
    assert made is not None
    # A kernel estimate with the same diagonal bandwidth: its weighted and plain densities have the mean as quotient.
    z = np.stack([x, y]) / np.array(made.bandwidths)[:, None]
    for row, column in ((20, 5), (3, 9), (33, 12)):
        value = made.values[row][column]
        assert value is not None
        at = np.array([made.x[column] / made.bandwidths[0], made.y[row] / made.bandwidths[1]])
        weights = np.exp(-((z - at[:, None]) ** 2).sum(axis=0) / 2)
        assert value == pytest.approx(np.average(scores, weights=weights), abs=1e-9)
    assert made.bandwidths[0] == pytest.approx(gaussian_kde(np.stack([x, y])).factor * np.std(x, ddof=1))
    assert all(made.values[row][-1] is None for row in range(40))


def test_a_constant_score_gives_a_constant_surface():
    dice = np.random.default_rng(501)
    made = smooth(dice.random(12).tolist(), dice.random(12).tolist(), [2.5] * 12, ((0.0, 1.0), (0.0, 1.0)))
    assert made is not None
    held = [value for row in made.values for value in row if value is not None]
    assert held == pytest.approx([2.5] * len(held))


def test_no_surface_of_few_trials_of_a_line_or_across_categories():
    assert smooth([0.0] * 9, range(9), range(9), ((0.0, 1.0), (0.0, 9.0))) is None
    assert smooth([0.5] * 20, range(20), range(20), ((0.0, 1.0), (0.0, 20.0))) is None
    assert "No surface is drawn" in note_of(Surface("t", "rate", "kind", tried(60)))
    assert re.search(r"bandwidth \d+ % of the width and \d+ % of the height", note_of(figures(tried(60))[2]))


def test_slices_share_the_axis_of_scores_and_mark_the_best():
    page = draw(Slices("t", tried(60)))
    assert isinstance(page, str)
    charts = [json.loads(text) for text in re.findall(r"json\">(.*?)</script>", page)]
    assert len(charts) == 3
    assert len({tuple(chart["layout"]["yaxis"]["range"]) for chart in charts}) == 1
    assert all(chart["data"][-1]["marker"]["size"] == 11 and len(chart["data"][-1]["x"]) == 1 for chart in charts)


def test_a_passage_is_escaped_and_has_its_button():
    shown = str(draw(Passage("LaTeX", HOSTILE, is_code=True)))
    assert "<script" not in shown
    assert "data-copies" in shown
    assert 'class="words code"' in shown
