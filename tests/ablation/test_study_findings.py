"""What a study tells: verdicts, tables and the sentence, from effects made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assay.ablation.effect_table import rows_of
from assay.ablation.judge import Judge
from assay.ablation.level import Level, level_of, tell_level
from assay.ablation.metrics.catalog import METRICS
from assay.ablation.paper_tables import NEEDED, latex_table, markdown_table
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import broken_off, sentence, tell_study
from assay.figure import Forest, Matrix, Pareto, Table
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.trial import Trial

NAN = math.nan
LEVEL = Level("the baseline", 0.963, 0.0035, 3)
HELPS = StudiedEffect("Mixup(0.4)", (0,), 0.02, 0.01, 0.03, 3, 0.0004, "helps", 0.9998, 0.012, 1.1, p_adjusted=0.0008)
UNCLEAR = StudiedEffect("EMA()", (1,), -0.001, -0.01, 0.008, 5, 0.8, "no measurable effect", 0.4, 0.011, 1.0)
BROKEN = StudiedEffect("Cosine()", (2,), NAN, NAN, NAN, 0, NAN, "no measurable effect", NAN, NAN, NAN, "it diverged")


def study(*effects: StudiedEffect) -> Study:
    return Study("add-one", "what it adds to the baseline alone", effects, Looks((3, 5)), 12, 20,
                 training="trainings of 2 epochs")  # fmt: skip


def test_the_verdicts_with_forest_and_table_the_largest_first() -> None:
    found, _ = tell_study(study(UNCLEAR, HELPS))
    assert found.summary == (
        "Of 2 effects, 1 helps (Mixup(0.4)), none hurts, 1 had no measurable effect. The effect of a trick is what it "
        "adds to the baseline alone, in 12 trainings, 8 of 20 saved by looking early. Measured on trainings of 2 "
        "epochs: a longer one may judge otherwise."
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
    assert sentence(replace(study(HELPS, UNCLEAR), level=LEVEL, examples=1438)) == (
        "The effect of a trick on accuracy is what it adds to the baseline alone: the mean over 3 to 5 paired seeds on "
        "1,438 validation examples (12 trainings of 2 epochs; design add-one, looks after 3, 5 seeds, 8 of 20 saved by "
        "looking early). The accuracy of the baseline is 96.30 % (mean of 3 seeds, standard deviation 0.35). Intervals "
        "are by Student's t over seeds and examples, each effect's own, adjusted neither for the family nor for looks; "
        "verdicts hold with a family-wise error rate of 5% (Holm over tricks, spent over looks). Of 2 effects: "
        "Mixup(0.4) helps (+2.00 percentage points, 95 % interval +1.00 to +3.00, n = 3); 1 had no measurable effect."
    )
    assert sentence(study(UNCLEAR)).endswith("Of 1 effect: none had a measurable effect.")


def test_the_sentence_keeps_nothing_back_that_went_otherwise_than_planned() -> None:
    """Trainings that broke off and time that was over were left out of what a paper would print."""
    told = sentence(study(HELPS, BROKEN))
    assert told.endswith("n = 3). Not measured: Cosine() (it diverged).")
    assert "looks after 3, 5 seeds)" in told
    assert (
        "(12 trainings of 2 epochs; design add-one, looks after 3, 5 seeds; the time was over before all was clear)"
        in (sentence(replace(study(HELPS, UNCLEAR), out_of_time=True)))
    )


def test_one_look_is_no_spending_over_looks() -> None:
    once = replace(study(HELPS), looks=Looks((5,)), fixed=12)
    assert "design add-one, one look, at 5 seeds)" in sentence(once)
    assert "(Holm over tricks). Of" in sentence(once)
    stepwise = replace(study(HELPS), design="stepwise")
    assert "(Holm over tricks, spent over looks and rounds)" in sentence(stepwise)


def test_a_bootstrap_interval_is_not_what_verdicts_are_by() -> None:
    told = sentence(replace(study(HELPS), judge=Judge(interval="bootstrap")))
    assert "Intervals are by the bootstrap over seeds and examples" in told
    assert "verdicts, by Student's t, hold" in told


def test_levels_of_other_metrics_and_of_one_seed() -> None:
    assert tell_level(Level("the whole stack", 0.87, NAN, 1), METRICS["r2"]) == (
        " The R squared of the whole stack is 0.8700 (1 seed)."
    )
    assert tell_level(None, METRICS["r2"]) == ""


def test_the_level_is_of_the_trainings_that_finished() -> None:
    """By hand: 80 and 90 % of three seeds, the third of which diverged; the stack's where no baseline was trained."""
    trials = {
        ((), 0): trial(0.8, 0), ((), 1): trial(0.9, 1), ((), 2): trial(NAN, 2), ((0,), 0): trial(0.1, 0),
        ((0, 1), 0): trial(0.5, 0),
    }  # fmt: skip
    found = level_of(trials, 2, Judge())
    assert found is not None
    assert (found.of, found.n) == ("the baseline", 2)
    assert (found.value, found.deviation) == pytest.approx((0.85, 0.1 / math.sqrt(2)))
    stack = level_of({arm: one for arm, one in trials.items() if arm[0]}, 2, Judge())
    assert stack is not None
    assert (stack.of, stack.value, stack.n) == ("the whole stack", 0.5, 1)
    assert level_of({((0,), 0): trial(0.1, 0)}, 2, Judge()) is None


def trial(value: float, seed: int) -> Trial:
    return Trial(Recipe(model=MLP()), seed, value, 0.0, 1, 1, 1.0, np.array([value]))


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
    assert lines[-1].startswith("Effects on accuracy in percentage points. The effect of a trick on accuracy is")
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
