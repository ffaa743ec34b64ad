"""Overview: what was read, and what was found, worst first."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from assay.finding import Finding, Report
from assay.report.findings import findings_html
from assay.report.tally import tally_of
from assay.ui.pages import render
from assay.ui.subject import Subject
from assay.ui.workspace import Workspace


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/overview")

    @router.get("")
    def page(request: Request) -> HTMLResponse:
        subject, journal = workspace.ready()
        from assay.ui.summary import summarise
        from assay.ui.unknown_ids import tell_unknown_ids

        report = tell(workspace)
        return render(
            request, workspace, "overview.html.j2",
            summary=summarise(subject.data),
            report=report,
            unknown=(*journal.read().troubles, *tell_unknown_ids(subject, journal.read().log)),
            tally="" if report is None else tally_of(report),
            findings="" if report is None else findings_html(report, searched=True, foot=foot_of(subject)),
        )  # fmt: skip

    return router


def tell(workspace: Workspace) -> Report | None:
    """What was found, by the audit and by the models that judged labels; None before there is anything."""
    from assay.ui.suspects import with_suspects

    subject, _ = workspace.ready()
    if subject.report is None and workspace.reading != "ready":
        return None
    report = with_suspects(subject.report or Report("inspect"), subject.table)
    return report if subject.report is not None or report.findings else None


def foot_of(subject: Subject) -> Callable[[Finding], Markup]:
    """The texts that are meant, links to Browse, and for labels that models doubt to Review."""
    from assay.ui.finding_links import link_below
    from assay.ui.suspects import SUSPICIOUS
    from assay.ui.told_texts import passages_below

    link = link_below(subject.table)

    def below(finding: Finding) -> Markup:
        return passages_below(finding, subject.data) + link(finding)

    def foot(finding: Finding) -> Markup:
        if finding.id != SUSPICIOUS or "flagged" not in subject.table.columns:
            return below(finding)
        return Markup(
            '<p class="looking"><a href="/review?queue=flagged">Review them, the worst first</a></p>{}'
        ).format(below(finding))

    return foot
