"""What `assay runs compare` and `assay runs why` print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.finding import Finding, Report
    from assay.run_comparison.details import Details


def compare(names: Sequence[str], *, as_json: bool) -> None:
    """Print a column for each."""
    from assay.cli.runs import print_json, to_dict
    from assay.cli.tables import make_table, print_table
    from assay.run_comparison.details import read_details
    from assay.run_comparison.finding_runs import find_run

    found = [read_details(find_run(name)) for name in names]
    if as_json:
        print_json([{**to_dict(one.run), "recipe": one.recipe, "stages": one.stages, "data": one.data,
                     "environment": one.environment, "asked": one.asked,
                     "effects": [effect._asdict() for effect in one.effects]} for one in found])  # fmt: skip
        return
    table = make_table("", *(one.run.name for one in found), whole=("",))
    for name, *cells in rows_of(found):
        if any(cells):
            table.add_row(name, *cells)
    print_table(table)


def rows_of(found: Sequence[Details]) -> list[list[str]]:
    """What is compared: name, and a cell for each run."""
    stages = dict.fromkeys(stage for one in found for stage in one.stages)
    asked = {f"asked {name.replace('_', ' ')}": option_of(name) for one in found for name in one.asked}
    effects = {f"effect of {effect.trick}": effect_of(effect.trick) for one in found for effect in one.effects}
    times = {f"  {stage}": seconds_of(stage) for stage in stages}
    cells = {**CELLS, **asked, **effects, **LAST, **times}
    return [[name, *(cell(one) for one in found)] for name, cell in cells.items()]


def score_of(one: Details) -> str:
    """With its interval and n; of a study, what it came to."""
    from assay.cli.runs import score_text

    return f"{score_text(one.run)}, n = {one.run.score.n:,}" if one.run.score else score_text(one.run)


def time_of(one: Details) -> str:
    """`58 s of 1 min`."""
    from assay.report.wording import duration

    of = f" of {duration(one.run.budget)}" if one.run.budget else ""
    return f"{duration(one.run.seconds)}{of}" if one.run.seconds else ""


def seconds_of(stage: str) -> Callable[[Details], str]:
    """How long the stage took."""
    from assay.report.wording import duration

    return lambda one: duration(one.stages[stage]) if stage in one.stages else ""


def option_of(name: str) -> Callable[[Details], str]:
    """As it was given to a study or a search; several below each other."""

    def cell(one: Details) -> str:
        value = one.asked.get(name)
        if isinstance(value, list):
            return "\n".join(value)
        return "" if value is None or value is False else "yes" if value is True else str(value)

    return cell


def effect_of(trick: str) -> Callable[[Details], str]:
    """What it was worth there."""
    return lambda one: "\n".join(effect.text for effect in one.effects if effect.trick == trick)


def machine_of(one: Details) -> str:
    """`torch 2.13.0, cpu, 2 threads`."""
    from assay.report.wording import count

    told = one.environment
    return f"torch {told['torch']}, {told['device']}, {count(told['threads'], 'thread')}" if told else ""


CELLS = {
    "what": lambda one: f"{one.run.kind} of {one.run.source}" if one.run.source else one.run.kind,
    "state": lambda one: one.run.state,
    "score (95 %)": score_of,
    "time": time_of,
    "seed": lambda one: "" if one.run.seed is None else str(one.run.seed),
    "model": lambda one: one.part("model"),
    "optimizer": lambda one: one.part("optimizer"),
    "loss": lambda one: one.part("loss"),
    "batch size": lambda one: str(one.recipe.get("batch_size", "")),
    "epochs": lambda one: f"{one.epochs:.4g}" if one.epochs else "",
    "tricks": lambda one: "\n".join(one.tricks),
}
LAST = {"data": lambda one: one.data, "machine": machine_of}
"""Below what was asked and measured."""


def tell_why(names: Sequence[str], *, as_json: bool) -> None:
    """Print what makes two runs differ."""
    from assay.cli.printing import print_report
    from assay.run_comparison.details import read_details
    from assay.run_comparison.finding_runs import find_run
    from assay.run_comparison.why import why

    first, second = (read_details(find_run(name)) for name in names)
    report = why(first, second)
    if as_json:
        print_report(report, as_json=True)
        return
    for place, one in (("first", first), ("second", second)):
        print(f"{place:<7} {one.run.name}: {one.run.kind} of {one.run.source or 'an unknown source'}, {one.run.state}")
    print_reasons(report)


def print_reasons(report: Report) -> None:
    """Scores and effects, then what differs, worst or likeliest first, then what nobody can know."""
    from assay.run_comparison.change import NAMED
    from assay.run_comparison.why import OUTCOMES

    reasons = [finding for finding in report.findings if finding.id not in OUTCOMES]
    for finding in report.findings:
        if finding.id in OUTCOMES:
            print(f"\n{told(finding)}")
            print_figures(finding, longer_than=0)
    for number, finding in enumerate(reasons, start=1):
        print(f"\n{number}. {told(finding)}")
        print_figures(finding, longer_than=NAMED)
    for skip in report.skipped:
        print(f"\nNot told, {skip.id.replace('_', ' ')}: {skip.reason}.")


def print_figures(finding: Finding, *, longer_than: int) -> None:
    """Its tables of more rows than that, which its sentence does not name."""
    from assay.cli.tables import make_table, print_table
    from assay.figure import Table

    for figure in finding.figures:
        if isinstance(figure, Table) and len(figure.rows) > longer_than:
            table = make_table(*figure.columns, whole=())
            for row in figure.rows:
                table.add_row(*row)
            print_table(table)


def told(finding: Finding) -> str:
    """What, why that matters, and what to do."""
    return "\n   ".join(text for text in (finding.summary, finding.cause, finding.fix) if text)
