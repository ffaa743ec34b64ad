"""The map of pairs knows of which metrics a fall is a gain, so that a larger loss is not in the colour of gains."""

from __future__ import annotations

from dataclasses import replace

from assay.ablation.judge import Judge
from assay.ablation.metrics.loss import LOSS
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import tell_study
from assay.figure import Matrix

ONE = StudiedEffect("A()", (0,), 0.02, 0.01, 0.03, 5, 0.5, "no measurable effect", 0.5, 0.1, 1.0)
OTHER = replace(ONE, name="B()", tricks=(1,))
BOTH = replace(ONE, name="A() and B()", tricks=(0, 1))
STUDY = Study("pairs", "what it adds", (ONE, OTHER, BOTH), Looks((5,)), 20, 20)


def map_of(study: Study) -> Matrix:
    (found,) = [finding for finding in tell_study(study) if finding.id == "trick_interactions"]
    (figure,) = found.figures
    assert isinstance(figure, Matrix)
    return figure


def test_a_larger_loss_is_a_harm_and_a_larger_accuracy_a_gain() -> None:
    assert not map_of(STUDY).lower_is_better
    assert map_of(replace(STUDY, judge=Judge(LOSS))).lower_is_better
