"""H28, H29, H30: batches as large as memory holds, a power of two from 32 to 256 (16 for large models); small ones
regularise and want a smaller rate.

Only a batch outside 16 to 1024 is spoken of: inside, equal run time decides, not the number of examples (Smith 2018).

Source: Goodfellow et al. 2016, section 8.1.3.
"""

from __future__ import annotations

from assay.advice.judgement import CUSTOM, LARGER_BATCH, SMALLER_BATCH, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_recipe
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 8.1.3"
SMALLEST, LARGEST = 16, 1024
FEWEST_STEPS = 8


def judge(m: Measurements) -> Judgement:
    """The batch, and how many of them an epoch has."""
    if m.recipe is None:
        return no_recipe(m)
    size = m.recipe.batch_size
    steps = None if m.examples is None else m.examples // size
    text = f"A batch holds {size} examples"
    text += "." if steps is None else f"; an epoch has {steps} steps (n = {m.examples:,})."
    stake = m.at_most(m.shortfall or 0.0)
    if size > LARGEST or (steps is not None and steps < FEWEST_STEPS and size > 2 * SMALLEST):
        smaller = max(SMALLEST, size // 4)
        return Advised(
            text,
            "Few and nearly exact steps: what small batches regularise is lost, and time with it.",
            f"Take batches of {smaller}.",
            m.place.train("batch", batch_size=smaller),
            Expected("validation", "up"),
            stake,
            {"batch_size": size, "steps": steps, **SMALLER_BATCH},
        )
    if size < SMALLEST:
        return Advised(
            text,
            "So small a batch leaves processors idle, and its gradient is noise.",
            "Take batches of 32.",
            m.place.train("batch", batch_size=32),
            Expected("validation", "up"),
            stake,
            {"batch_size": size, "steps": steps, **LARGER_BATCH},
        )
    return Fine(text)


RULE = Rule("batch_size", ("H28", "H29", "H30"), SOURCE, CUSTOM, judge)
