"""From what the stages left in the store to the story of a run, and from the story to its files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from assay.artifact import FILE
from assay.data.data import Data
from assay.environment import environment_of, processor
from assay.finding import Report
from assay.recipe_toml import recipe_from_toml
from assay.report import write_html, write_summary
from assay.report.story import Baseline, DataSummary, RunStory, Score, StageStory, TrickRow
from assay.report.wording import count
from assay.run_folder import REPORT, SUMMARY
from assay.stages.session import Session
from assay.trial import NUMERICS

QUESTIONS: Mapping[str, tuple[str, str]] = {
    "inspect": ("Become one with the data", "What is in it, and what is wrong with it?"),
    "verify": ("Verify the pipeline", "Is this pipeline correct, from loader to optimiser step?"),
    "baselines": ("Dumb baselines", "What do predictors of no ambition reach?"),
    "overfit": ("Overfit", "Can a model big enough fit it at all?"),
    "ablate": ("Regularise by ablation", "Which tricks pay here, by how much, and how sure are we?"),
    "tune": ("Tune", "Which hyperparameters, learning rate first?"),
    "decisions": ("Corrected labels", "What does training on the reviewers' decisions change?"),
    "squeeze": ("Squeeze", "What do longer training, averaging, ensembles and distillation add?"),
    "test": ("Test", "How good is the model that ships on data that decided nothing?"),
}


def tell(request: Any, session: Session, data: Data, results: Mapping[str, Mapping[str, Any]]) -> RunStory:
    """The story so far: stages that are not there yet are left out."""
    squeezed, tested = results.get("squeeze", {}), results.get("test", {})
    toml = squeezed.get("recipe", "")
    return RunStory(
        source=request.source,
        name=data.name,
        seed=request.seed,
        seconds=session.budget.used,
        budget_seconds=request.budget_seconds,
        hardware=hardware(session.device),
        data=summarize_data(data),
        stages=tuple(tell_stage(name, result) for name, result in results.items()),
        baselines=tuple(
            Baseline(*(row[name] for name in ("name", "value", "low", "high", "n")))
            for row in results.get("baselines", {}).get("baselines", ())
        ),
        validation=Score(**squeezed["validation"]) if squeezed else None,
        test=Score(**tested["test"], reads=session.store.test_reads(session.run)) if tested else None,
        tricks=tuple(TrickRow(**row) for row in results.get("ablate", {}).get("tricks", ())),
        recipe=recipe_from_toml(toml).describe() if toml else None,
        recipe_toml=toml,
        model=str(session.folder / FILE) if squeezed else None,
        report=str(session.folder / REPORT),
        versions=versions(),
        environment=decide_environment(session),
    )


def decide_environment(session: Session) -> dict[str, Any]:
    """Where the run began: versions, device and threads."""
    return session.decide("environment", lambda: {**environment_of(session.device), "numerics": NUMERICS})


def tell_stage(name: str, result: Mapping[str, Any]) -> StageStory:
    """One stage with its question."""
    title, question = QUESTIONS[name]
    report = Report.from_dict(result["report"])
    left_out = any(skip.reason == "budget" for skip in report.skipped)
    return StageStory(name, title, question, "partial" if left_out else "done", result["seconds"], report)


def summarize_data(data: Data) -> DataSummary:
    """The data in one line."""
    sizes = (("training", len(data.train)), ("validation", len(data.validation)), ("test", len(data.test)))
    specification = data.specification
    noun = "images" if specification.is_image else "examples"
    return DataSummary(specification.task, specification.input_shape, specification.classes, sizes, noun)


def hardware(device: torch.device) -> str:
    """Processor and cores, and the accelerator if that is what trained, as a reader wants them beside seconds."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    gpu = f", {torch.cuda.get_device_name(device)}" if device.type == "cuda" else ""
    return f"{processor()}, {count(cores or 1, 'core')}, {count(torch.get_num_threads(), 'thread')}{gpu}"


def versions() -> tuple[tuple[str, str], ...]:
    """Of what the numbers depend on."""
    return tuple((name, version(name)) for name in ("assay-train", "torch", "numpy", "optuna"))


def write_story(story: RunStory, folder: Path) -> None:
    """The report and the summary, each whole or not at all."""
    write_html(story, folder / REPORT)
    write_summary(story, folder / SUMMARY)
