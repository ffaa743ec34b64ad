r"""The tables of a study as a paper wants them, in Markdown and in LaTeX: with n and intervals, tricks named in full.

In LaTeX a table is a `table*` as wide as the text (in one column, a plain table), with booktabs' lines; names of tricks
are broken within the column that tabularx leaves them. The chance that a trick helps is left out: p tells it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from assay.ablation.by_class import ClassEffect
from assay.ablation.class_findings import COLUMNS as CLASS_COLUMNS
from assay.ablation.class_findings import row_of_class, spent_over
from assay.ablation.cost_findings import cost_cells
from assay.ablation.effect_table import (
    CLEAR,
    TOGETHER,
    best_first,
    columns_of,
    costs_known,
    is_clear_alone,
    lengths_differ,
    lengths_of,
    rows_of,
    seconds_of,
)
from assay.ablation.legend import CHANCE, MEMORY, SEEN_FROM, tell_seconds, tell_seen_from
from assay.ablation.metrics.metric import Metric
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import sentence
from assay.ablation.wording import ADJUSTMENT, CLEAR_ALONE, percent, told_p

SPECIAL = {
    **{one: f"\\{one}" for one in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""All ten characters that mean something to LaTeX, as it prints them."""

NEEDED = r"% In the preamble: \usepackage{booktabs,tabularx}"
UNCLEAR = "--"
LONG_NAME = 30
MOST_CHARACTERS = 58
"""Of all columns but the first, in letters of 8 points: they leave 75 of an article's 345 points for names."""

MOST_CLASS_ROWS = 45
"""Rows that fit on a page; of more, the clear ones are printed."""


def markdown_table(study: Study) -> str:
    """A table with the sentence that explains it below, and one of classes where they were asked for."""
    parts = [_markdown(columns_of(study), rows_of(study, in_full=True)), f"{_caption(study)} {_markdown_legend(study)}"]
    if study.of_classes:
        rows = [row_of_class(one, study.judge.metric, _in_full(study, one)) for one in study.of_classes]
        parts += [_markdown(CLASS_COLUMNS, rows), _class_caption(study)]
    return "\n\n".join(parts) + "\n"


def latex_table(study: Study) -> str:
    r"""A `table*` with its caption, and one of classes where they were asked for."""
    metric, effects = study.judge.metric, best_first(study)
    head = ("Trick", "Effect", "95 % interval", "Seeds", "$p$", r"$p_\mathrm{adj}$", "Verdict", "Seen from", "Time")
    rows = [_row(effect, metric, study.looks.alpha) for effect in effects]
    texts = [_latex(head, rows, f"{_number(_caption(study))} {_legend(study, effects)}")]
    if costs_known(study) or lengths_differ(study):
        texts.append(_latex_of_costs(study, effects))
    if study.of_classes:
        texts.append(_latex_of_classes(study, metric))
    return "\n".join([NEEDED, *texts])


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
             for row in (columns, ("---",) * len(columns), *rows))  # fmt: skip
    return "\n".join(lines)


def _latex(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """The first column is as wide as is left, and broken; the others are set flush right."""
    columns = r">{\raggedright\arraybackslash}X" + "r" * (len(head) - 1)
    lines = [" & ".join([_breakable(row[0]), *map(_number, row[1:])]) + r" \\" for row in rows]
    titles = [cell if cell.startswith("$") else _escaped(cell) for cell in head]
    return "\n".join(
        [
            r"\begin{table*}", r"\centering", rf"\caption{{{caption}}}", _size(head, rows),
            rf"\begin{{tabularx}}{{\textwidth}}{{@{{}}{columns}@{{}}}}", r"\toprule",
            " & ".join(titles) + r" \\", r"\midrule", *lines, r"\bottomrule", r"\end{tabularx}", r"\end{table*}", "",
        ]
    )  # fmt: skip


def _size(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Smaller letters, closer together, where numbers of four decimals would leave names too narrow a column."""
    titles = ["" if title.startswith("$") else title for title in head]
    longest = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    size, apart = (r"\scriptsize", 2) if sum(longest[1:]) > MOST_CHARACTERS else (r"\footnotesize", 3)
    return size + "\n" + rf"\setlength{{\tabcolsep}}{{{apart}pt}}"


def _row(effect: StudiedEffect, metric: Metric, alpha: float) -> list[str]:
    """A ratio without its sign, which the legend tells."""
    ratio = effect.seconds_per_step_ratio
    alone = is_clear_alone(effect)
    found_from = "" if alone or math.isnan(effect.detectable) else metric.told(effect.detectable, signed=False)
    return [
        effect.in_full or effect.name, metric.told(effect.estimate), _between(effect.low, effect.high, metric),
        str(effect.n), f"{effect.p:.2g}", told_p(effect.p_adjusted, alpha),
        effect.verdict if effect.verdict in CLEAR else UNCLEAR + "*" * alone,
        found_from, "" if math.isnan(ratio) else f"{ratio:.2f}",
    ]  # fmt: skip


def _latex_of_costs(study: Study, effects: Sequence[StudiedEffect]) -> str:
    """Of single tricks: time with its range over seeds, epochs where they differ, memory and operations."""
    lengths, costs = lengths_differ(study), costs_known(study)
    head = ("Trick", "Time", *(("Epochs",) if lengths else ()), *(("Memory", "FLOPs") if costs else ()))
    rows = [
        [cell.removesuffix("x").replace("x (", " (") for cell in (
            effect.in_full or effect.name, seconds_of(effect), *((lengths_of(effect),) if lengths else ()),
            *(cost_cells(study, effect) if costs else ()))]
        for effect in effects if len(effect.tricks) == 1
    ]  # fmt: skip
    caption = f"What each costs. Of a step, with the trick by without: time, {tell_seconds(study)}"
    caption += f"; {MEMORY}" * costs + "; epochs of a training with it / without" * lengths
    return _latex(head, rows, f"{caption}.")


def _markdown_legend(study: Study) -> str:
    p = f"P alone is two-sided, of that effect and no other; p adjusted is by {ADJUSTMENT}."
    by = f"Seconds a step, with the trick by without: {tell_seconds(study)}"
    costs = f"; {MEMORY}" if costs_known(study) else ""
    return " ".join([p, CHANCE, *tell_seen_from(study), f"{by}{costs}."])


def _legend(study: Study, effects: Sequence[StudiedEffect]) -> str:
    """What stands for what, of that which is there."""
    parts = []
    if any(effect.verdict not in CLEAR for effect in effects):
        parts.append(f"{UNCLEAR}: no measurable effect.")
    if any(map(is_clear_alone, effects)):
        parts.append(f"*: {CLEAR_ALONE}.")
    if any(len(effect.tricks) > 1 and effect.verdict in CLEAR for effect in effects):
        parts.append(
            "".join(f"{verdict}, of a pair: they {TOGETHER[verdict == CLEAR[0]]}. " for verdict in CLEAR).strip()
        )
    time = f"Time: of a step, with the trick by without, {tell_seconds(study, ranges=False)}."
    p = rf"$p$: two-sided, of the effect alone; $p_\mathrm{{adj}}$: adjusted by {ADJUSTMENT}."
    return " ".join([*map(_escaped, (*parts, SEEN_FROM, time)), p])


def _latex_of_classes(study: Study, metric: Metric) -> str:
    chosen = [one for one in study.of_classes if len(study.of_classes) <= MOST_CLASS_ROWS or one.verdict in CLEAR]
    if not chosen:
        return f"% Of {len(study.of_classes):,} effects on classes none is clear; effects.md has them all.\n"
    left = len(study.of_classes) - len(chosen)
    more = f" The {len(chosen)} of {len(study.of_classes):,} that are clear." if left else ""
    head = ("Trick", "Class", "Effect", "95 % interval", "Seeds", "Examples", "Verdict")
    rows = [
        (_in_full(study, one), one.label, metric.told(one.estimate), _between(one.low, one.high, metric), str(one.n),
         f"{one.examples:,}", UNCLEAR if one.verdict == "no measurable effect" else one.verdict)
        for one in chosen
    ]  # fmt: skip
    return _latex(head, rows, _escaped(f"{_class_caption(study)}{more} {UNCLEAR}: no measurable effect."))


def _caption(study: Study) -> str:
    return f"Effects on {_named(study.judge.metric)}. {sentence(study)}"


def _named(metric: Metric) -> str:
    return f"{metric.named} in {metric.unit_in_full}" if metric.unit_in_full else metric.named


def _class_caption(study: Study) -> str:
    rate, named = percent(study.looks.alpha), _named(study.judge.metric)
    return (
        f"Effects of each trick on {named} of each class, each with its own 95 % interval; verdicts hold with an error "
        f"rate of {rate} over {spent_over(study)} (Bonferroni). Examples are those of the class that judge."
    )


def _in_full(study: Study, one: ClassEffect) -> str:
    return next((effect.in_full for effect in study.effects if effect.name == one.name), "") or one.name


def _between(low: float, high: float, metric: Metric) -> str:
    return f"[{metric.told(low)}, {metric.told(high)}]"


def _breakable(name: str) -> str:
    """A long name may be broken after a parenthesis and before a value, not only between arguments."""
    text = _escaped(name)
    return re.sub(r"(?<=[(=])", r"\\allowbreak{}", text) if len(name) > LONG_NAME else text


def _number(text: str) -> str:
    """Escaped, with minus signs as long as they should be."""
    return re.sub(r"-(?=\d)", lambda found: "$-$", _escaped(text))


def _escaped(text: str) -> str:
    return text.translate(str.maketrans(SPECIAL))
