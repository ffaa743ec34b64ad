"""What programs read of a study: how sure, on what, at which cost, and each class."""

from __future__ import annotations

import json
import math

from assay.ablation.by_class import ClassEffect
from assay.ablation.cost_findings import Costs
from assay.ablation.costs import Cost
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.summary_rows import rows_for_summary
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.report.story import TrickRow
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup

TRICKS = (Mixup(), EMA())
MIXUP = StudiedEffect("Mixup()", (0,), 0.02, 0.01, 0.03, 5, 0.0004, "helps", 0.9998, 0.012, 1.1, "", "Mixup(alpha=0.2)",
                      (1.05, 1.2), (1.8, 2.0), 0.9, 0.0008)  # fmt: skip
BOTH = StudiedEffect("Mixup() and EMA()", (0, 1), 0.0, -0.1, 0.1, 5, 0.9, "no measurable effect", 0.5, 0.1, math.nan)
COSTS = Costs(Cost(0.01, 50, 200.0, 7, 300, 4), {0: Cost(0.02, 100, 300.0, 7, 300, 4)})
CLASSES = (ClassEffect("Mixup()", "owl", 0.1, 0.05, 0.15, 5, 29, "helps"),
           ClassEffect("EMA()", "owl", 0.0, -0.1, 0.1, 5, 29, "no measurable effect"))  # fmt: skip


def test_a_row_holds_what_a_table_and_a_sentence_are_made_of() -> None:
    made = Study("pairs", "", (MIXUP, BOTH), Looks((5,)), 20, 20, costs=COSTS, of_classes=CLASSES, examples=360)
    first, second = rows_for_summary(made, TRICKS, Recipe(model=MLP()))
    assert first["more"] == {
        "in_full": "Mixup(alpha=0.2)", "p": 0.0004, "p_adjusted": 0.0008,
        "p_adjustment": "Holm over tricks and the share of each look", "chance_it_helps": 0.9998, "detectable": 0.012,
        "validation_examples": 360, "seconds_per_step_range": [1.05, 1.2], "epochs": 1.8, "epochs_without": 2.0,
        "training_seconds_ratio": 0.9,
        "peak_bytes": 100, "peak_bytes_without": 50, "flops_per_step": 300.0, "flops_per_step_without": 200.0,
        "updates_measured": 4,
        "classes": [{"class": "owl", "effect": 0.1, "interval": [0.05, 0.15], "n": 5, "examples": 29,
                     "verdict": "helps"}],
    }  # fmt: skip
    assert second["more"]["seconds_per_step_range"] == [None, None]
    assert not {"peak_bytes", "classes"} & second["more"].keys()
    json.dumps([first, second], allow_nan=False)


def test_the_story_of_a_run_takes_them_as_they_are_and_older_ones_too() -> None:
    made = Study("add-one", "", (MIXUP,), Looks((5,)), 20, 20)
    (row,) = rows_for_summary(made, TRICKS, Recipe(model=MLP()))
    assert TrickRow(**row).more["p"] == 0.0004
    assert TrickRow(**{name: value for name, value in row.items() if name != "more"}).more == {}
