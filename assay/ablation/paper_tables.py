"""The table of a study as a paper wants it, in Markdown and in LaTeX: with n and intervals."""

from __future__ import annotations

from assay.ablation.ablate import unit_of
from assay.ablation.study import Study
from assay.ablation.study_findings import COLUMNS, rows_of, sentence

SPECIAL = {
    **{one: f"\\{one}" for one in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""All ten characters that mean something to LaTeX, as it prints them."""


def markdown_table(study: Study, metric: str) -> str:
    """A table with the sentence that explains it below."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *rows_of(study, metric)]
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return "\n".join(lines) + f"\n\nEffects in {unit_of(metric)}. {sentence(study, metric)}\n"


def latex_table(study: Study, metric: str) -> str:
    r"""A `tabular` in a `table` with its caption; needs the package booktabs."""
    columns = "l" + "r" * (len(COLUMNS) - 1)
    lines = [" & ".join(map(_escaped, row)) + r" \\" for row in rows_of(study, metric)]
    head = " & ".join(map(_escaped, COLUMNS)) + r" \\"
    caption = f"Effects in {unit_of(metric)}. {sentence(study, metric)}"
    return "\n".join(
        [
            r"\begin{table}", r"\centering", rf"\caption{{{_escaped(caption)}}}", rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule", head, r"\midrule", *lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", "",
        ]
    )  # fmt: skip


def _escaped(text: str) -> str:
    return text.translate(str.maketrans(SPECIAL))
