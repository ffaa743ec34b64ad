"""A pipeline that is proved wrong, gradients among it, makes every number after it meaningless: mend it first.

The check of gradients against differences (Z13) and that of a step that must not raise its own loss (Z14) are two of
them.

Source: Goodfellow et al. 2016, section 11.5; Karpathy 2019, A Recipe for Training Neural Networks, step 2.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements
from assay.finding import LEVELS

SOURCE = "Goodfellow et al. 2016, section 11.5; Karpathy 2019, A Recipe for Training Neural Networks, step 2"
OF_OTHERS = (
    "label_noise",
    "overfit_one_batch",
    "input_scale",
    "dead_units",
    "saturated_units",
    "class_balance",
    "train_validation_overlap",
    "duplicate_examples",
    "vanishing_gradients",
    "exploding_gradients",
    "initialization_scale",
)
"""Checks of which other rules speak."""


def judge(m: Measurements) -> Judgement:
    """The worst of what the checks found."""
    checks = {name: found for name, found in m.findings.items() if name.startswith("verify.")}
    if not checks:
        return no_finding(m, "verify.gradient_check")
    bad = [one for name, one in checks.items() if one.is_alert and name.removeprefix("verify.") not in OF_OTHERS]
    if not bad:
        return Fine(f"{len(checks)} checks of the pipeline found no fault.")
    worst = min(bad, key=lambda one: LEVELS.index(one.level))
    return Advised(
        worst.summary,
        worst.cause or "A check of the pipeline failed.",
        worst.fix or "Mend it.",
        m.place.stage("verify", "verify"),
        Expected("known", f"whether `{worst.id}` passes"),
        m.shortfall if m.shortfall is not None else 1.0,
        {"checks": [one.id for one in bad]},
    )


RULE = Rule("pipeline_fault", ("Z13", "Z14"), SOURCE, DIRECT, judge)
