"""The table of a study as a paper wants it, in Markdown and in LaTeX: with n and intervals."""

from __future__ import annotations

from assay.ablation.studied import Study
from assay.ablation.study_findings import columns_of, rows_of, sentence

SPECIAL = {
    **{one: f"\\{one}" for one in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""All ten characters that mean something to LaTeX, as it prints them."""


def markdown_table(study: Study) -> str:
    """A table with the sentence that explains it below."""
    columns = columns_of(study)
    rows = [columns, ("---",) * len(columns), *rows_of(study)]
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return "\n".join(lines) + f"\n\n{_caption(study)}\n"


def latex_table(study: Study) -> str:
    r"""A `tabular` in a `table` with its caption; needs the package booktabs."""
    columns = columns_of(study)
    aligned = "l" + "r" * (len(columns) - 1)
    lines = [" & ".join(map(_escaped, row)) + r" \\" for row in rows_of(study)]
    head = " & ".join(map(_escaped, columns)) + r" \\"
    return "\n".join(
        [
            r"\begin{table}", r"\centering", rf"\caption{{{_escaped(_caption(study))}}}",
            rf"\begin{{tabular}}{{{aligned}}}", r"\toprule", head, r"\midrule", *lines, r"\bottomrule",
            r"\end{tabular}", r"\end{table}", "",
        ]
    )  # fmt: skip


def _caption(study: Study) -> str:
    return f"Effects in {study.judge.metric.unit}. {sentence(study)}"


def _escaped(text: str) -> str:
    return text.translate(str.maketrans(SPECIAL))
