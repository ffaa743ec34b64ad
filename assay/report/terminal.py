"""Findings and runs in a terminal: worst first, each with its fix, then tricks and scores."""

from __future__ import annotations

from itertools import accumulate

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assay.figure import Forest, Shares
from assay.figure import Table as Matter
from assay.finding import Finding, Report
from assay.report.evidence import evidence_text
from assay.report.facts import facts
from assay.report.figures import verdict_kind
from assay.report.headline import headline
from assay.report.story import RunStory, StageStory
from assay.report.trick_verdicts import verdict_text
from assay.report.wording import (
    count,
    duration,
    effect,
    effect_interval,
    effect_unit,
    interval,
    metric_name,
    score,
    words,
)

COLORS = {
    "proved": "bold red", "suspect": "yellow", "note": "cyan", "helps": "green", "hurts": "red", "unclear": "dim",
}  # fmt: skip
INDENT = (0, 0, 0, 4)
BORDER = 3  # of a column in a table: a line and a space on each side


def render_terminal(subject: RunStory | Report, console: Console) -> None:
    """Print a whole run, or what one stage found.

    Users' text is printed as it is: square brackets in a file name are not taken for styles.
    """
    if isinstance(subject, Report):
        _render_report(subject, console)
    else:
        _render_story(subject, console)


def render_summary(report: Report, console: Console) -> None:
    """One stage in a line and its alarms in a line each: what to show while the next stage is at work."""
    console.print(
        Text.assemble((f"{report.stage:<10}", "bold"), _tally(report), (f"  {duration(report.seconds)}", "dim"))
    )
    for finding in report.alerts:
        console.print(Text.assemble((f"  {finding.level:<8}", COLORS[finding.level]), finding.summary))


def _render_story(story: RunStory, console: Console) -> None:
    for stage in story.ordered_stages:
        _render_stage(stage, console)
    if story.baselines or story.validation or story.test:
        console.print(_scores(story))
    if story.best_tricks_first:
        console.print(_tricks(story))
    console.print(Text(headline(story), style="bold"))
    for fact in facts(story):
        console.print(Text(f"  {fact.topic}: {fact.sentence}"))
    for name, where in (("model", story.model), ("report", story.report)):
        if where:
            console.print(Text(f"  {name}: {where}", style="dim"), soft_wrap=True)


def _render_stage(stage: StageStory, console: Console) -> None:
    console.print()
    heading = Text.assemble((stage.name, "bold"), f"  {stage.question}")
    console.print(heading.append(f"  ({stage.status}, {duration(stage.seconds)})", style="dim"))
    _render_findings(stage.report, console)


def _render_report(report: Report, console: Console) -> None:
    console.print(Text.assemble((report.stage, "bold"), (f"  {duration(report.seconds)}", "dim")))
    _render_findings(report, console)
    for finding in report.findings:
        for figure in finding.figures:
            if isinstance(figure, Forest | Shares | Matter) and not _is_told_by_a_table(figure, finding):
                console.print(_figure_table(figure, console.width))
    console.print(_tally(report))


def _is_told_by_a_table(figure: Forest | Shares | Matter, finding: Finding) -> bool:
    """Whether a table of the finding has all rows of this forest, and more columns."""
    if not isinstance(figure, Forest):
        return False
    told = ({row[0] for row in other.rows} for other in finding.figures if isinstance(other, Matter))
    return any({row.label for row in figure.rows} <= names for names in told)


def _figure_table(figure: Forest | Shares | Matter, width: int) -> Table:
    """What a stage measured, where the page has a plot or a table of it; of a wide table, the columns that fit."""
    if isinstance(figure, Matter):
        fit = _columns_that_fit(figure, width)
        left = len(figure.columns) - fit
        table = _table(figure.title + (f" (and {count(left, 'column')} more)" if left else ""), *figure.columns[:fit])
        for row in figure.rows:
            table.add_row(*map(Text, row[:fit]))
        return table
    if isinstance(figure, Shares):
        table = _table(figure.title, "", "share>", "95 % interval>", "")
        for row in figure.rows:
            limits = f"[{row.low:.2f}, {row.high:.2f}]"
            table.add_row(Text(words(row.label)), f"{row.estimate:.2f}", Text(limits), row.verdict)
        return table
    if not any(row.verdict for row in figure.rows):  # sizes of something, and no effects
        table = _table(figure.title, "", "estimate>", "95 % interval>")
        for row in figure.rows:
            table.add_row(Text(words(row.label)), f"{row.estimate:.2f}", Text(f"[{row.low:.2f}, {row.high:.2f}]"))
        return table
    table, digits = _table(figure.title, "", "effect>", "95 % interval>", "verdict"), _decimals(figure)
    for row in figure.rows:
        limits = f"[{row.low:+.{digits}f}, {row.high:+.{digits}f}]"
        table.add_row(Text(words(row.label)), f"{row.estimate:+.{digits}f}", Text(limits), row.verdict)
    return table


def _decimals(figure: Forest) -> int:
    """Two, and four where half of an interval would be rounded to hardly anything."""
    half_widths = [(row.high - row.low) / 2 for row in figure.rows if row.high > row.low]
    return 4 if half_widths and min(half_widths) < 0.1 else 2


def _columns_that_fit(figure: Matter, width: int) -> int:
    """How many of the first columns can be read whole, the first and second at the least."""
    cells = zip(figure.columns, *figure.rows, strict=True)
    ends = accumulate(max(map(len, column)) + BORDER for column in cells)
    return min(len(figure.columns), max(2, sum(end < width for end in ends)))


def _tally(report: Report) -> Text:
    proved = sum(finding.level == "proved" for finding in report.findings)
    notes = len(report.findings) - len(report.alerts)
    suspect = len(report.alerts) - proved
    failed = sum(skip.failed for skip in report.skipped)
    told = f"{proved} proved, {suspect} suspect, {count(notes, 'note')}, {len(report.skipped) - failed} skipped"
    told += f", {failed} could not be made" if failed else ""
    return Text(told, style="green" if report.ok and not failed else "bold")


def _render_findings(report: Report, console: Console) -> None:
    """What asks for something in full; then, in columns, what is as it should be and what was not checked."""
    in_full = [finding for finding in report.findings if finding.is_alert or finding.fix]
    for finding in in_full:
        _render_finding(finding, console)
    notes = [(finding.id, finding.summary) for finding in report.findings if finding not in in_full]
    skipped = [(skip.id, skip.reason) for skip in report.skipped if not skip.failed]
    failed = [(skip.id, skip.reason) for skip in report.skipped if skip.failed]
    width = max((len(name) for name, _ in (*notes, *skipped, *failed)), default=0)
    for title, style, rows in (("note", "", notes), ("skipped", "dim", skipped), ("not made", "yellow", failed)):
        if rows:
            console.print(Text(f"  {title}", COLORS.get(title, style)))
            console.print(Padding(_columns(rows, style, width), INDENT))


def _columns(rows: list[tuple[str, str]], style: str, width: int) -> Table:
    """Ids in a column of this width, and beside them what is said of each."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim", min_width=width)
    table.add_column(style=style)
    for name, told in rows:
        table.add_row(Text(name), Text(told))
    return table


def _render_finding(finding: Finding, console: Console) -> None:
    head = Table.grid(padding=(0, 2, 0, 0))  # in columns, so that a long summary is not set below its level
    told = Text.assemble((finding.summary, "bold"), (f"  {finding.id}", "dim"))
    head.add_row(Text(f"  {finding.level}", COLORS[finding.level]), told)
    console.print(head)
    if finding.is_alert:
        for key, value in finding.evidence.items():
            console.print(Padding(Text(f"{words(str(key))}: {evidence_text(value)}", style="dim"), INDENT))
        if finding.cause:
            console.print(Padding(Text(f"Cause: {finding.cause}"), INDENT))
    if finding.fix:
        console.print(Padding(Text.assemble(("Fix: ", "green"), finding.fix), INDENT))


def _scores(story: RunStory) -> Table:
    table = _table("Scores", "", f"{metric_name(story.metric)}>", "95 % interval>", "n>")
    rows = [(words(row.name), row, "") for row in sorted(story.baselines, key=lambda row: row[1])]
    rows += [("model, validation", story.validation, "")] if story.validation else []
    rows += [("model, test", story.test, "bold")] if story.test else []
    for name, row, style in rows:
        limits = interval(story.metric, row.low, row.high)
        cells = (name, score(story.metric, row.value), limits, f"{row.n:,}")
        table.add_row(*(Text(cell) for cell in cells), style=style)
    return table


def _tricks(story: RunStory) -> Table:
    metric = story.effect_metric
    title = f"Tricks: effect in {effect_unit(metric)}"
    table = _table(title, "trick", "effect>", "95 % interval>", "n>", "verdict", "kept", "cost>")
    for row in story.best_tricks_first:
        ratio = row.seconds_per_step_ratio
        limits = effect_interval(metric, row.low, row.high)
        table.add_row(
            Text(words(row.trick)), effect(metric, row.effect), Text(limits), str(row.n),
            Text(verdict_text(row, metric), style=COLORS[verdict_kind(row.verdict)]), "yes" if row.kept else "no",
            f"{ratio:.2f}\N{MULTIPLICATION SIGN}" if ratio is not None else "",
        )  # fmt: skip
    return table


def _table(title: str, *columns: str) -> Table:
    """An empty table; a name that ends in `>` is a column of numbers, set flush right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(name.rstrip(">"), justify="right" if name.endswith(">") else "left")
    return table
