"""H1, H2: some 5,000 labelled examples a class for acceptable results, ten million in all for a person's level.

Told, and not asked for: what more examples bring here is measured by the learning curve, and only where there is a gap.

Source: Goodfellow et al. 2016, section 1.2.2.
"""

from __future__ import annotations

from assay.advice.judgement import CUSTOM, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 1.2.2"
PER_CLASS, IN_ALL = 5_000, 10_000_000


def judge(m: Measurements) -> Judgement:
    """How far below both numbers the data are."""
    if m.examples is None:
        return no_finding(m, "inspect.examples_per_class")
    text = f"{m.examples:,} training examples, {m.examples / IN_ALL:.2%} of the ten million of the rule of thumb"
    if not m.per_class:
        return Fine(f"{text}.")
    few = min(m.per_class, key=lambda name: m.per_class[name])
    below = sum(count < PER_CLASS for count in m.per_class.values())
    return Fine(f"{text}; {below} of {len(m.per_class)} classes have fewer than 5,000, {few!r} {m.per_class[few]:,}.")


RULE = Rule("data_size", ("H1", "H2"), SOURCE, CUSTOM, judge)
