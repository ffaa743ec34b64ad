"""Tables for papers: tricks with all their arguments, widths that fit, legends, and classes; LaTeX reads them."""

from __future__ import annotations

import io
import math
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from assay.ablation.by_class import ClassEffect
from assay.ablation.cost_findings import Costs
from assay.ablation.costs import Cost, InTurn
from assay.ablation.effect_table import columns_of, rows_of
from assay.ablation.judge import Judge
from assay.ablation.metrics.catalog import METRICS
from assay.ablation.paper_tables import MOST_CLASS_ROWS, NEEDED, latex_table, markdown_table
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import sentence, tell_study
from assay.ablation.wording import named_in_full
from assay.report.terminal import render_terminal
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.random_erasing import RandomErasing
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.one_cycle import OneCycle

LONG = named_in_full(OneCycle())
MIXUP = StudiedEffect("Mixup()", (0,), 0.02, 0.01, 0.03, 5, 0.0004, "helps", 0.9998, 0.012, 1.1, "", "Mixup(alpha=0.2)",
                      (1.05, 1.2), (1.8, 2.0), p_adjusted=0.0008)  # fmt: skip
CYCLE = StudiedEffect("OneCycle()", (1,), -0.0172, -0.0334, -0.001, 12, 0.03, "no measurable effect", 0.015, 0.011, 1.0,
                      "", LONG, (0.9, 1.1), (2.0, 2.0))  # fmt: skip
COST = Cost(0.010, 50 * 2**20, 2.5e9, 94_186, 300, 4)
PAIR = replace(MIXUP, name="Mixup() and LabelSmoothing()", tricks=(0, 2), seconds_per_step_ratio=math.nan,
               in_full="Mixup(alpha=0.2) and LabelSmoothing(smoothing=0.1, form='uniform')")  # fmt: skip
CLASSES = tuple(
    ClassEffect(name, label, 0.1, 0.05, 0.15, 5, 29, "helps" if label == "3" else "no measurable effect")
    for name in ("Mixup()", "OneCycle()")
    for label in "012345"
)


def study(*effects: StudiedEffect, **options) -> Study:
    return Study("add-one", "what it adds to the baseline alone", effects, Looks((3, 5, 8, 12)), 12, 20,
                 training="trainings of 2 epochs", examples=1438, **options)  # fmt: skip


FULL = study(MIXUP, CYCLE, costs=Costs(COST, {0: COST, 1: COST}), of_classes=CLASSES)


def test_every_argument_is_named_but_those_that_are_none() -> None:
    assert named_in_full(Mixup()) == "Mixup(alpha=0.2)"
    assert named_in_full(RandomErasing()).endswith("aspect=(0.3, 3.333), fill='zero')")
    assert "momentum" not in LONG
    assert "ConstantLR(" in named_in_full(Chain(schedules=(ConstantLR(), OneCycle()), at=(0.5,)))
    assert "factor=" in named_in_full(Chain(schedules=(ConstantLR(), OneCycle()), at=(0.5,)))


def test_papers_get_the_arguments_and_screens_the_short_name() -> None:
    assert "| Mixup(alpha=0.2) | helps |" in markdown_table(FULL)
    assert "Mixup(alpha=0.2) & +2.00 & [+1.00, +3.00] & 5 & 0.0004 & 0.0008 & helps &" in latex_table(FULL)
    assert "Mixup(alpha=0.2) helps (+2.00 percentage points" in sentence(FULL)
    assert [row[0] for row in rows_of(FULL)] == ["Mixup()", "OneCycle()"]
    assert "(Mixup())" in tell_study(FULL)[0].summary


def test_the_sentence_names_seeds_and_examples() -> None:
    assert "over 5 to 12 paired seeds on 1,438 validation examples (12 trainings of 2 epochs;" in sentence(FULL)
    assert "validation examples" not in sentence(replace(FULL, examples=0))


def test_the_verdict_is_the_second_column_which_a_narrow_terminal_keeps() -> None:
    assert columns_of(FULL)[:3] == ("trick", "verdict", "effect")
    table = tell_study(FULL)[1].figures[-1]
    assert table.columns[:3] == ("trick", "class", "verdict")  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["Mixup()", LONG])
def test_a_terminal_of_eighty_columns_shows_the_verdict(name: str) -> None:
    """The seventh of nine columns was cut off with all that were right of it."""
    console = Console(width=80, record=True, file=io.StringIO())
    render_terminal(study(replace(MIXUP, name=name)).report, console)
    assert "helps" in console.export_text().partition("Every effect")[2]


def test_seconds_have_their_range_and_epochs_are_told_where_they_differ() -> None:
    row = rows_of(FULL)[0]
    assert row[-4:] == ("1.10x (1.05 to 1.20)", "1.8 / 2", "1.00x", "1.00x")
    assert "Trainings with a trick have 1.8 epochs; the table tells each." in tell_study(FULL)[0].summary
    alike = study(replace(MIXUP, epochs=(2.0, 2.0)), CYCLE)
    assert not any("epochs" in column for column in columns_of(alike))
    assert "Trainings with a trick have" not in tell_study(alike)[0].summary
    both = study(MIXUP, replace(CYCLE, epochs=(1.25, 2.0)))
    assert "have 1.25 to 1.8 epochs" in tell_study(both)[0].summary


def test_the_legend_tells_what_is_there() -> None:
    text = latex_table(study(MIXUP))
    assert "no measurable effect" not in text.split("Of 1 effect:")[1]
    assert "Time: of a step, with the trick by without, median over seeds." in text
    assert "& --* &" in latex_table(FULL)
    assert "*: clear alone, not among so many." in latex_table(FULL)


def test_seconds_that_were_timed_in_turn_are_not_told_as_medians_over_seeds() -> None:
    """They are of a few updates, and their range is over places of the training."""
    timed = InTurn(1.1, 1.05, 1.2, 1.1, 1.0)
    both = replace(FULL, costs=Costs(COST, {0: COST, 1: COST}, {0: timed, 1: timed}))
    one = replace(FULL, costs=Costs(COST, {0: COST, 1: COST}, {1: timed}))
    turn = "from updates that were timed in turn, with the range over places of the training"
    for table in (markdown_table, latex_table):
        assert "median over seeds" not in table(both)
        assert turn in table(both)
        assert f"median over seeds with their range; of OneCycle() {turn}" in table(one)
        assert turn not in table(FULL)


def test_seconds_that_trainings_of_another_study_told_are_medians_over_their_seeds() -> None:
    """Kept from there, with the range over seeds; nobody counted their operations."""
    kept = InTurn(1.1, 1.05, 1.2, 1.1, math.nan, is_of_trainings=True)
    found = replace(FULL, costs=Costs(COST, {0: COST, 1: COST}, {0: kept, 1: kept}))
    assert "in turn" not in markdown_table(found)
    assert "median over seeds with their range" in markdown_table(found)


def test_both_tables_say_what_their_columns_mean() -> None:
    for table in (markdown_table, latex_table):
        assert "Seen from: a study like this one would have found an effect of this size four times in five" in table(
            FULL
        )
    text = markdown_table(FULL)
    for words in (
        "P alone is two-sided",
        "Chance it helps: posterior",
        "Clear alone, not among so many: its own",
        "Seconds",
    ):
        assert words in text
    assert "Clear alone" not in markdown_table(study(MIXUP))


def test_a_loss_in_a_caption_has_a_minus_sign_and_a_name_its_hyphens() -> None:
    text = latex_table(study(replace(MIXUP, estimate=-0.02, low=-0.03, high=-0.01, verdict="hurts")))
    assert "hurts ($-$2.00 percentage points, 95 \\% interval $-$3.00 to $-$1.00" in text
    assert "design add-one" in text


def test_a_pair_has_a_short_verdict_that_the_legend_explains() -> None:
    text = latex_table(study(MIXUP, PAIR))
    assert "helps, of a pair: they help each other. hurts, of a pair: they stand in each other's way." in text
    assert "& helps & 1.20 &" in text
    assert "of a pair: they" not in latex_table(study(MIXUP))
    assert "help each other" in markdown_table(study(PAIR)).splitlines()[2]


def test_a_metric_is_named_with_its_unit_and_its_better_side() -> None:
    told = {metric: markdown_table(replace(FULL, judge=Judge(METRICS[metric]))) for metric in METRICS}
    assert "Effects on accuracy in percentage points. The effect of a trick on accuracy is" in told["accuracy"]
    assert (
        "Effects on validation loss (less is better). The effect of a trick on validation loss (less is" in told["loss"]
    )
    assert "helps (+0.0200, 95 % interval" in told["r2"]
    assert "Effects on expected calibration error (less is better) in percentage points." in told["calibration"]
    assert (
        "Effects of each trick on macro recall in percentage points of each class, each with its own" in told["recall"]
    )


def test_classes_are_in_both_tables() -> None:
    assert markdown_table(FULL).count("| Mixup(alpha=0.2) |") == 1 + 6
    text = latex_table(FULL)
    assert text.count(r"\begin{table*}") == text.count(r"\end{tabularx}") == 3
    assert "Mixup(alpha=0.2) & 3 & +10.00 & [+5.00, +15.00] & 5 & 29 & helps" in text


def test_of_many_classes_the_clear_ones_are_printed() -> None:
    many = tuple(replace(CLASSES[0], label=str(i), verdict="helps" if i == 7 else "no measurable effect")
                 for i in range(MOST_CLASS_ROWS + 1))  # fmt: skip
    text = latex_table(replace(FULL, of_classes=many))
    assert "The 1 of 46 that are clear." in text
    assert text.count("Mixup(alpha=0.2) & ") == 1 + 1 + 1
    none = latex_table(replace(FULL, of_classes=(*many[:7], *many[8:], *many[:7])))
    assert "% Of 52 effects on classes none is clear" in none


def test_it_is_as_wide_as_the_text_with_rules_of_booktabs() -> None:
    text = latex_table(FULL)
    assert text.startswith(NEEDED)
    assert r"\caption{What each costs. Of a step, with the trick by without: time, median over seeds with" in text
    assert "Mixup(alpha=0.2) & 1.10 (1.05 to 1.20) & 1.8 / 2 & 1.00 & 1.00" in text
    assert r"\begin{tabularx}{\textwidth}{@{}>{\raggedright\arraybackslash}X" in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [3, 3, 3]
    for line in text.splitlines():
        if line.endswith(r"\\"):
            assert len(re.findall(r"(?<!\\)&", line)) in (4, 6, 8)
    assert "$-$1.72 & [$-$3.34, $-$0.10]" in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX on this machine")
@pytest.mark.parametrize("metric", ["accuracy", "loss"])
@pytest.mark.parametrize("options", ["", "twocolumn"])
def test_latex_reads_it_and_nothing_sticks_out(options: str, metric: str, tmp_path: Path) -> None:
    """Numbers of four decimals, and what is said of a pair, left names a column narrower than their words."""
    odd = replace(MIXUP, in_full=r"a\b~c^d & 5% $x_1 #{y}", seconds_per_step_ratio=math.nan)
    pair = replace(PAIR, verdict="hurts")
    made = study(MIXUP, CYCLE, odd, PAIR, pair, costs=FULL.costs, of_classes=CLASSES)
    text = latex_table(replace(made, judge=Judge(METRICS[metric])))
    (tmp_path / "paper.tex").write_text(
        rf"\documentclass[{options}]{{article}}\usepackage{{booktabs,tabularx}}\begin{{document}}"
        + "\n" + text + "\nText.\\end{document}\n"
    )  # fmt: skip
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "paper.log").read_text(errors="replace")
    assert "Overfull" not in log, re.findall(r"Overfull.*", log)
