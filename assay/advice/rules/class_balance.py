"""D3, D11: where one class has many times the examples of another, rare ones are drawn more often or weigh more.

Source: Wei 2015, Must Know Tips, section 8; Karpathy 2019, A Recipe for Training Neural Networks.
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Wei 2015, Must Know Tips, section 8; Karpathy 2019, A Recipe for Training Neural Networks"
MOST = 20.0
"""The limit of the inspection's own finding `class_balance`."""
REMEDIES = ("BalancedSampling", "ClassWeights", "LogitAdjustment", "Focal", "RareClassCrops")


def judge(m: Measurements) -> Judgement:
    """Balanced sampling, where nothing of its kind is there."""
    counts = {name: count for name, count in m.per_class.items() if count}
    if len(counts) < 2:
        return no_finding(m, "inspect.class_balance")
    most, least = max(counts, key=lambda c: counts[c]), min(counts, key=lambda c: counts[c])
    ratio = counts[most] / counts[least]
    text = (
        f"The largest class ({most}, {counts[most]:,}) has {ratio:.3g} times the examples of the smallest "
        f"({least}, {counts[least]:,})."
    )
    held = m.recipe is not None and any(type(trick).__name__ in REMEDIES for trick in m.recipe.tricks)
    if ratio <= MOST or held or not takes(m, "BalancedSampling()"):
        return Fine(text)
    stake = m.at_most(1.0 if m.shortfall is None else m.shortfall)
    return Advised(
        text,
        "Rare classes hardly count in the loss.",
        "Draw all classes equally often.",
        m.place.train("balanced", tricks=["BalancedSampling()"]),
        Expected("validation", "up", "accuracy may fall where frequent classes are most of validation"),
        0.25 * stake,
        {"ratio": ratio},
    )


RULE = Rule("class_balance", ("D3", "D11"), SOURCE, LIKELY, judge)
