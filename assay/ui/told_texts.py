"""Under a finding that names texts, how they begin: nobody knows what `row 407` says."""

from __future__ import annotations

from markupsafe import Markup

from assay.audit.texts.passages import beginning_of
from assay.data.data import Data
from assay.finding import Finding
from assay.ui.suspects import EXAMPLES

SHOWN, FIRST_LETTERS = 3, 160


def passages_below(finding: Finding, data: Data) -> Markup:
    """How the texts of the first examples that a finding names begin; nothing where the source has no text.

    The finding that shows examples drawn by chance tells them itself.
    """
    ids = finding.evidence.get("ids")
    if data.texts is None or finding.id == EXAMPLES or not isinstance(ids, list | tuple):
        return Markup("")
    told = [(id, beginning_of(data, str(id), FIRST_LETTERS)) for id in ids[:SHOWN]]
    lines = Markup("").join(
        Markup('<div><dt>{}</dt><dd dir="auto">{}</dd></div>').format(id, text) for id, text in told if text
    )
    return Markup('<dl class="begun" aria-label="How they begin">{}</dl>').format(lines) if lines else lines
