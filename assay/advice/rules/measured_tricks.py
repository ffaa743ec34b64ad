"""A trick that was measured to help on these data and is not in the recipe; or one that is and was measured to hurt.

Source: the run's own ablation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay.advice.fitting import takes
from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.measurements import Measurements
from assay.advice.studied_tricks import gain_of, is_of_score, name_of, single_tricks, tell_effect

SOURCE = "the run's own ablation"


def judge(m: Measurements) -> Judgement:
    """The largest measured gain of the score that the recipe does without; else one of another metric."""
    rows = single_tricks(m)
    if not rows:
        return NotMeasured("the effect of any trick", m.place.stage("ablate", "ablate"))
    held = set() if m.recipe is None else {type(trick).__name__ for trick in m.recipe.tricks}
    left = [row for row in rows if worth_changing(row, held, m)]
    sure = sum(row["verdict"] in ("helps", "hurts") for row in rows)
    text = f"Of {len(rows)} tricks, {sure} had an effect beyond doubt"
    if not left:
        return Fine(f"{text}; the recipe has what helps and not what hurts.")
    best = max(left, key=gain_of)
    name, helps = name_of(best), best["verdict"] == "helps"
    return Advised(
        f"{text}, {tell_effect(best)}, among them.",
        "The recipe was chosen before this was measured.",
        f"{'Add' if helps else 'Leave out'} {name}.",
        m.place.train("measured-trick", tricks=[best["trick"]] if helps else (), without=() if helps else [name]),
        expected_of(best),
        m.at_most(gain_of(best)),
    )


def expected_of(row: Mapping[str, Any]) -> Expected:
    """A gain of the score; of another metric nothing but what the score does with it."""
    if not is_of_score(row):
        return Expected("known", f"whether the score gains where {row['metric']} does")
    return Expected("validation", "up", f"{gain_of(row):+.4f} (measured in shorter trainings)")


def worth_changing(row: Mapping[str, Any], held: set[str], m: Measurements) -> bool:
    """Helps and is not there, or hurts and is."""
    if row["verdict"] == "helps":
        return name_of(row) not in held and not row.get("kept") and takes(m, row["trick"])
    return row["verdict"] == "hurts" and name_of(row) in held


RULE = Rule("measured_tricks", (), SOURCE, DIRECT, judge)
