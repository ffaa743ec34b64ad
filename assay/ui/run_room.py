"""What the tab of runs shows: the list, and one run as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from assay.finding import Finding, Report
from assay.report.findings import findings_html
from assay.report.frames import charts_json, figure_html
from assay.stages.telling import QUESTIONS
from assay.ui.finding_links import link_below
from assay.ui.run_curves import curves_of, draw_losses, draw_values, stages_with_curves
from assay.ui.run_list import RunList, RunState, choose_root, is_run
from assay.ui.workspace import Workspace

SECTIONS = ("decisions", "ablate", "test")
"""Stages whose findings are shown here; the report has all."""


@dataclass(eq=False)
class RunRoom:
    """own: the name of the run that the page is about, if it is about one."""

    workspace: Workspace
    runs: RunList
    own: str | None = None
    _proved: dict[str, tuple[tuple[str, ...], dict[str, int]]] = field(default_factory=dict)

    @classmethod
    def open(cls, workspace: Workspace) -> RunRoom:
        """With the runs around the place that was asked for."""
        place = Path(workspace.asked.place).expanduser().resolve()
        return cls(workspace, RunList(choose_root(workspace.asked.place)), place.name if is_run(place) else None)

    def listed(self) -> dict[str, Any]:
        """All runs."""
        states = self.runs.states()
        version = "|".join(f"{state.name}:{state.version}" for state in states)
        return {"runs": states, "root": self.runs.root, "version": short(version), "address": address}

    def now(self, name: str, stage: str = "") -> dict[str, Any]:
        """One run as it stands, with its curves."""
        tail, run = self.runs.tail(name), self.runs.state(name)
        stages = stages_with_curves(tail.curves)
        shown = stage if stage in stages else stages[-1] if stages else ""
        figures = [draw(curves_of(tail.curves, shown)) for draw in (draw_losses, draw_values)]
        kept = [figure for figure in figures if figure.series]
        return {
            "run": run, "proved": self.proved(run),
            "stages": stages, "shown": shown, "chosen": stage, "version": run.version, "address": address,
            "questions": QUESTIONS, "charts": [figure_html(figure) for figure in kept],
            "specifications": charts_json(kept), "root": self.runs.root,
        }  # fmt: skip

    def proved(self, run: RunState) -> dict[str, int]:
        """How much each finished stage proved wrong; read anew when another stage is finished."""
        kept = self._proved.get(run.name)
        if kept is None or kept[0] != run.done:
            reports = ((stage, self.runs.report(run.name, stage)) for stage in run.done)
            counts = {
                stage: sum(one.level == "proved" for one in report.findings) for stage, report in reports if report
            }
            kept = self._proved[run.name] = (run.done, counts)
        return kept[1]

    def told(self, name: str) -> dict[str, Any]:
        """What its finished stages found."""
        subject, _ = self.workspace.ready()
        foot = link_below(subject.table) if self.is_about_subject(name) else lambda finding: Markup("")
        reports = ((stage, self.runs.report(name, stage)) for stage in SECTIONS)
        return {"sections": [(stage, *QUESTIONS[stage], tell(report, foot)) for stage, report in reports if report]}

    def is_about_subject(self, name: str) -> bool:
        """Whether Browse shows the data of this run."""
        subject, _ = self.workspace.ready()
        opened = None if subject.folder is None else subject.folder.resolve()
        if opened is not None and opened.parent == self.runs.root.resolve():
            return self.runs.state(name).source == self.runs.state(opened.name).source
        return self.runs.state(name).source == self.workspace.asked.place


def tell(report: Report, foot: Callable[[Finding], Markup]) -> Markup:
    """A stage's findings, the errors of a model before all else about it."""
    first = sorted(report.findings, key=lambda finding: finding.id != "worst_errors")
    return findings_html(replace(report, findings=tuple(first)), foot=foot)


def short(text: str) -> str:
    """A word that changes when the text does."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def address(name: str) -> str:
    """Of a run's page."""
    return f"/runs/{quote(name, safe='')}"
