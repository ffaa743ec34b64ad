"""Gain against cost of a study, and its words to copy."""

from __future__ import annotations

import math
from dataclasses import replace

from assay.ablation.judge import Judge
from assay.ablation.metrics.loss import LOSS
from assay.ablation.paper_figures import gain_against_cost, tell_for_a_paper
from assay.ablation.paper_tables import latex_table
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import tell_study
from assay.figure import Pareto, Passage
from assay.finding import Finding


def effect(
    name: str, place: int, estimate: float, ratio: float, verdict: str = "no measurable effect"
) -> StudiedEffect:
    return StudiedEffect(name, (place,), estimate, estimate - 0.01, estimate + 0.01, 5, 0.5, verdict, 0.5, 0.1, ratio)


STUDY = Study("add-one", "what it adds", (
    effect("A()", 0, 0.02, 1.1, "helps"), effect("B()", 1, -0.01, 2.0), effect("C()", 2, math.nan, math.nan),
    replace(effect("A() and B()", 0, 0.0, math.nan), tricks=(0, 1)),
), Looks((5,)), 20, 20)  # fmt: skip


def test_gains_are_in_points_against_the_time_of_a_step() -> None:
    chart = gain_against_cost(STUDY)
    assert [(point.label, point.cost, round(point.gain, 6)) for point in chart.points] == [
        ("A()", 1.1, 2.0),
        ("B()", 2.0, -1.0),
    ]
    assert (round(chart.points[0].low, 6), round(chart.points[0].high, 6)) == (1.0, 3.0)
    assert chart.baseline_cost == 1.0


def test_of_a_loss_the_fall_is_the_gain() -> None:
    chart = gain_against_cost(replace(STUDY, judge=Judge(LOSS)))
    assert [round(point.gain, 6) for point in chart.points] == [-0.02, 0.01]
    assert all(point.low < point.gain < point.high for point in chart.points)
    assert chart.gain_label.startswith("gain (fall of ")


def test_the_words_can_be_copied_and_are_kept() -> None:
    told = tell_for_a_paper(STUDY)
    assert told is not None
    assert [type(figure) for figure in told.figures] == [Passage] * 3
    assert told.figures[1] == Passage("Table in LaTeX (booktabs)", latex_table(STUDY), is_code=True)
    assert Finding.from_dict(told.to_dict()) == told
    assert tell_for_a_paper(replace(STUDY, effects=STUDY.effects[2:3])) is None


def test_both_are_among_the_findings_and_a_chart_of_one_trick_is_not_drawn() -> None:
    effects, paper = tell_study(STUDY)[0], tell_study(STUDY)[-1]
    assert any(isinstance(figure, Pareto) for figure in effects.figures)
    assert paper == tell_for_a_paper(STUDY)
    alone = tell_study(replace(STUDY, effects=STUDY.effects[:1]))
    assert not any(isinstance(figure, Pareto) for finding in alone for figure in finding.figures)
