"""H60: where the target is missed, let the model refuse: accuracy on what it answers against how much it answers.

It is coverage that is given up. Street View's numbers kept a person's 98 % accuracy and asked for 95 % coverage.

Source: Goodfellow et al. 2016, section 11.1.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 11.1"


def judge(m: Measurements) -> Judgement:
    """The largest coverage at which the target is kept."""
    found = m.find("squeeze.accuracy_against_coverage")
    if found is None:
        return no_finding(m, "squeeze.accuracy_against_coverage")
    if m.target is None or not m.shortfall:
        return Fine(found.summary)
    shares = {float(name.rstrip("%")): float(value) for name, value in found.evidence.items()}
    kept = max((share for share, value in shares.items() if value >= m.target), default=None)
    if kept is None:
        return Fine(f"At no coverage down to {min(shares):g} % does the model reach {m.target:.4g}.")
    return Fine(f"Where the model may refuse: answering the {kept:g} % it is surest of, it reaches {shares[kept]:.4f}.")


RULE = Rule("refusal", ("H60",), SOURCE, DIRECT, judge)
