"""H73, H77, Z9: error against the number of examples, on a log scale, tells how many to collect.

Source: Goodfellow et al. 2016, section 11.3; Viering and Loog 2023 (arXiv:2103.10948).
"""

from __future__ import annotations

from assay.advice.command import Command
from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 11.3; Viering and Loog 2023 (arXiv:2103.10948)"


def judge(m: Measurements) -> Judgement:
    """Where the whole band lies below today's error, more examples pay."""
    found = m.find("learning curve.learning_curve")
    if found is None:
        return no_finding(m, "learning-curve.learning_curve")
    low, high, now = (float(found.evidence[name]) for name in ("low", "high", "now"))
    if high >= now or not m.shortfall:
        return Fine(found.summary)
    wanted = int(found.evidence["size"]) - int(found.evidence["examples"])
    path = "NEW_FILES" if m.folder is None else str(m.folder / "to-label")
    command = Command(
        ("assay", "clean", *m.place.asked.words(), "--unlabelled", path, "--out", m.place.beside("to-label")),
        m.place.beside("to-label"),
    )
    return Advised(
        found.summary,
        "The error still falls with the number of examples.",
        f"Collect {wanted:,} more like these; put them into {path} to have the most useful ones named first.",
        command,
        Expected("known", "which new examples to label first", f"error {now:.4g} -> {low:.4g} to {high:.4g}"),
        m.at_most(now - 0.5 * (low + high)),
        dict(found.evidence),
    )


RULE = Rule("learning_curve", ("H73", "H77", "Z9"), SOURCE, DIRECT, judge)
