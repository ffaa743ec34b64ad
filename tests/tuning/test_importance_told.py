"""What is told of importance: shares of a variance, which neither help nor hurt, by trials of one length."""

from __future__ import annotations

import numpy as np
from rich.console import Console

from assay.figure import Shares
from assay.finding import Report
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.report.terminal import render_terminal
from assay.tuning.importance import measure_importance
from assay.tuning.searched import Searched
from assay.tuning.space import Space, Span
from assay.tuning.thorough import Plan, Round, Tuned
from assay.tuning.thorough_findings import tell_importance

SPACE: Space = {"learning_rate": Span(0.0, 1.0), "weight_decay": Span(0.0, 1.0)}


def tuned(n: int) -> Tuned:
    """Every second trial stopped at a quarter; what is seen there goes with the rate."""
    random, found = np.random.default_rng(3), []
    for number in range(n):
        rate, decay = random.uniform(size=2).tolist()
        settings, early = {"learning_rate": rate, "weight_decay": decay}, rate + 0.01 * float(random.normal())
        looks = (early,) if number % 2 else (early, early + 1.0)
        shares = (0.25, 1.0)[: len(looks)]
        found.append(Searched(settings, looks[-1], 1.0, len(looks) == 1, shares[-1], looks, look_shares=shares))
    recipe = Recipe(model=MLP(hidden=(4,)))
    return Tuned(Plan(SPACE, finds_rate=False), recipe, None, (), (Round(SPACE, tuple(found), (), None),), None, None,
                 measure_importance(SPACE, found))  # fmt: skip


def test_a_share_of_the_variance_is_told_with_its_trials_and_their_length() -> None:
    finding = tell_importance(tuned(40))
    assert finding.summary.startswith(
        "Of the variance of the ranks of 40 trials at 25 % of a training, this share goes with learning_rate 0."
    )
    assert finding.evidence["trials"] == 40
    assert finding.evidence["share"] == 0.25
    (figure,) = finding.figures
    assert isinstance(figure, Shares)
    assert {row.label: row.verdict for row in figure.rows} == {"learning_rate": "matters", "weight_decay": "not told"}
    assert all(0 <= row.low <= row.high <= 1 for row in figure.rows)


def test_too_few_that_can_be_compared() -> None:
    assert tell_importance(tuned(8)).summary == (
        "Which setting mattered is not told: 8 trials at 25 % of a training are too few: 12 are needed."
    )


def test_nothing_in_a_terminal_helps_or_has_a_sign() -> None:
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as capture:
        render_terminal(Report("tune", (tell_importance(tuned(40)),)), console)
    text = capture.get()
    assert "matters" in text
    assert "helps" not in text
    assert "effect" not in text
    assert "+0." not in text
