"""H137: mirror images only where the label survives it: the ablation measures whether it does.

Source: Goodfellow et al. 2016, section 7.4 (b and d, 6 and 9).
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.measurements import Measurements
from assay.advice.studied_tricks import gain_of, is_of_score, name_of, single_tricks, tell_effect

SOURCE = "Goodfellow et al. 2016, section 7.4"


def judge(m: Measurements) -> Judgement:
    """Out with it, where it was measured to hurt and is in the recipe."""
    row = next((row for row in single_tricks(m) if name_of(row) == "Flip" and is_of_score(row)), None)
    held = m.recipe is not None and any(type(trick).__name__ == "Flip" for trick in m.recipe.tricks)
    if row is None and m.input_shape and not held and not takes(m, "Flip()"):
        return Fine("Only images are mirrored; these inputs are none, or their recipe mirrors them otherwise.")
    if row is None:
        return NotMeasured("the effect of `Flip`", m.place.stage("ablate", "flip", "--tricks", "Flip()"))
    text = f"{tell_effect(row)}."
    if not held or row["verdict"] != "hurts":
        return Fine(text)
    return Advised(
        text,
        "A mirrored example is another class, or none.",
        "Do not mirror.",
        m.place.train("unmirrored", without=["Flip"]),
        Expected("validation", "up", f"{gain_of(row):+.4f} (measured)"),
        m.at_most(gain_of(row)),
    )


RULE = Rule("mirrored_labels", ("H137",), SOURCE, DIRECT, judge)
