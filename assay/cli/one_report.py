"""One report as a story of one stage, so that terminal and page show it as they show a run's."""

from __future__ import annotations

from dataclasses import replace

import torch

from assay.data.data import Data
from assay.finding import Report
from assay.report.story import RunStory, StageStory
from assay.stages.telling import hardware, summarize_data, versions


def tell_alone(
    report: Report,
    data: Data,
    *,
    source: str,
    seed: int,
    title: str,
    question: str,
    budget_seconds: float | None = None,
    device: torch.device | None = None,
) -> RunStory:
    """The story of a command that is no stage of a run; what the reading of the data found comes first."""
    report = replace(report, findings=(*data.findings, *report.findings))
    status = "partial" if report.skipped and report.findings else "done"
    stage = StageStory(report.stage, title, question, status, report.seconds, report)
    return RunStory(
        source=source, name=data.name, seed=seed, seconds=report.seconds, budget_seconds=budget_seconds,
        hardware=hardware(device or torch.device("cpu")), data=summarize_data(data), stages=(stage,),
        versions=versions(),
    )  # fmt: skip
