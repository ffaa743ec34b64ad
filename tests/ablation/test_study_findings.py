"""What a study tells: verdicts, tables and the sentence, from effects made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assay.ablation.effect_table import rows_of
from assay.ablation.judge import Judge
from assay.ablation.metrics.catalog import METRICS
from assay.ablation.paper_tables import NEEDED, latex_table, markdown_table
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import broken_off, sentence, tell_study
from assay.figure import Forest, Matrix, Pareto, Table

NAN = math.nan
HELPS = StudiedEffect("Mixup(0.4)", (0,), 0.02, 0.01, 0.03, 3, 0.0004, "helps", 0.9998, 0.012, 1.1, p_adjusted=0.0008)
UNCLEAR = StudiedEffect("EMA()", (1,), -0.001, -0.01, 0.008, 5, 0.8, "no measurable effect", 0.4, 0.011, 1.0)
BROKEN = StudiedEffect("Cosine()", (2,), NAN, NAN, NAN, 0, NAN, "no measurable effect", NAN, NAN, NAN, "it diverged")


def study(*effects: StudiedEffect) -> Study:
    return Study("add-one", "what it adds to the baseline alone", effects, Looks((3, 5)), 12, 20,
                 training="trainings of 2 epochs")  # fmt: skip


def test_the_verdicts_with_forest_and_table_the_largest_first() -> None:
    found, _ = tell_study(study(UNCLEAR, HELPS))
    assert found.summary == (
        "Of 2 effects, 1 helps (Mixup(0.4)), none hurts, 1 had no measurable effect. An effect is what it adds to the "
        "baseline alone, in 12 trainings, 8 of 20 saved by looking early. Measured on trainings of 2 epochs: a longer "
        "one may judge otherwise."
    )
    forest, chart, table = found.figures
    assert isinstance(forest, Forest)
    assert isinstance(chart, Pareto)
    assert isinstance(table, Table)
    assert [(row.label, row.estimate) for row in forest.rows] == [("Mixup(0.4)", 2.0), ("EMA()", -0.1)]
    assert table.rows[0] == (
        "Mixup(0.4)", "helps", "+2.00", "+1.00 to +3.00", "3", "0.0004", "0.0008", "100.0%", "1.20", "1.10x",
    )  # fmt: skip


def test_the_sentence_has_every_number_a_reviewer_asks_for() -> None:
    assert sentence(study(HELPS, UNCLEAR)) == (
        "Each effect on accuracy is what it adds to the baseline alone, over 3 to 5 paired seeds (12 trainings of 2 "
        "epochs; design add-one, looks after 3, 5 seeds); verdicts hold with a family-wise error rate of 5% (Holm over "
        "tricks, spent over looks). Of 2: Mixup(0.4) helps (+2.00 points, 95 % interval +1.00 to +3.00, n = 3)."
    )
    assert sentence(study(UNCLEAR)).endswith("Of 1: none had a measurable effect.")


def test_what_broke_off_is_told_with_its_reason() -> None:
    (skip,) = broken_off(study(HELPS, BROKEN))
    assert (skip.id, skip.reason) == ("Cosine()", "it diverged")
    (found,) = tell_study(study(BROKEN))
    assert (found.summary, found.figures) == (
        "No effect was measured: each training broke off for the reason beside it.",
        (),
    )


def test_a_pair_that_helps_is_in_the_map_and_told() -> None:
    both = StudiedEffect("Mixup(0.4) and EMA()", (0, 1), 0.03, 0.01, 0.05, 5, 1e-4, "helps", 0.99, 0.01, NAN)
    found = tell_study(study(HELPS, UNCLEAR, both))[1]
    assert found.summary == "Of 1 pair, beyond the sum of both alone: Mixup(0.4) and EMA() help each other."
    (figure,) = found.figures
    assert isinstance(figure, Matrix)
    assert figure.values == ((0.0, 3.0), (3.0, 0.0))


def test_what_two_add_beyond_both_alone_is_never_told_as_their_gain() -> None:
    both = StudiedEffect("Mixup(0.4) and EMA()", (0, 1), -0.03, -0.05, -0.01, 5, 1e-4, "hurts", 0.01, 0.01, NAN)
    made = study(HELPS, UNCLEAR, both)
    assert tell_study(made)[0].summary.startswith(
        "Of 2 effects, 1 helps (Mixup(0.4)), none hurts, 1 had no measurable effect. Of 1 pair, beyond the sum of both "
        "alone: Mixup(0.4) and EMA() stand in each other's way."
    )
    assert "Mixup(0.4) and EMA() stand in each other's way (beyond the sum of both alone, -3.00" in sentence(made)
    assert rows_of(made)[-1][1] == "stand in each other's way"


def test_tables_for_papers() -> None:
    lines = markdown_table(study(HELPS, UNCLEAR)).splitlines()
    assert lines[0].startswith("| trick | verdict | effect | 95 % interval | seeds |")
    assert lines[2].startswith("| Mixup(0.4) | helps | +2.00 | +1.00 to +3.00 | 3 |")
    assert lines[-1].startswith("Effects in points. Each effect on accuracy is")
    alone = replace(UNCLEAR, estimate=-0.0172, low=-0.0334, high=-0.001)
    assert "| 40.0% | clear alone, not among so many |" in markdown_table(study(HELPS, alone))
    assert "clear alone, not among so many" in latex_table(study(alone))
    assert "clear alone" not in markdown_table(study(HELPS, UNCLEAR))
    latex = latex_table(study(HELPS))
    assert r"Mixup(0.4) & +2.00 & [+1.00, +3.00] & 3 & 0.0004 & 0.0008 & helps & 1.20 & 1.10 \\" in latex
    assert latex.count("{") == latex.count("}")
    assert "%" not in latex.replace(r"\%", "").removeprefix(NEEDED)


@pytest.mark.parametrize(("metric", "unit", "effect"), [("accuracy", "points", "+2.00"), ("r2", "r2", "+0.0200")])
def test_units(metric: str, unit: str, effect: str) -> None:
    found, _ = tell_study(replace(study(HELPS), judge=Judge(METRICS[metric])))
    assert found.evidence["unit"] == unit
    assert rows_of(replace(study(HELPS), judge=Judge(METRICS[metric])))[0][2] == effect


def test_a_name_of_any_characters_is_printed_as_it_is() -> None:
    """Each of the ten is written for once: the braces of one are not those of another."""
    odd = replace(HELPS, name=r"a\b~c^d & 5% $x_1 #{y}")
    written = r"a\textbackslash{}b\textasciitilde{}c\textasciicircum{}d \& 5\% \$x\_1 \#\{y\} & +2.00"
    assert written in latex_table(study(odd))
