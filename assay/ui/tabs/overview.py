"""Overview: what was read, and what was found, worst first."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from assay.report.findings import findings_html
from assay.report.headline import tally_of
from assay.ui.pages import render
from assay.ui.workspace import Workspace


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/overview")

    @router.get("")
    def page(request: Request) -> HTMLResponse:
        subject, _ = workspace.ready()
        from assay.ui.finding_links import link_below
        from assay.ui.summary import summarise

        report = subject.report
        return render(
            request, workspace, "overview.html.j2",
            summary=summarise(subject.data),
            report=report,
            tally="" if report is None else tally_of(report),
            findings="" if report is None else findings_html(report, searched=True, foot=link_below(subject.table)),
        )  # fmt: skip

    return router
