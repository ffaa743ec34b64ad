"""`assay verify SOURCE`: the recipe's training on data, or with `my_project.train:pipeline` the user's own program."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import alone, options
from assay.cli.page import check_page
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.checks.given.pipeline import Pipeline
    from assay.finding import Report
    from assay.report.story import RunStory

Program = Annotated[
    str,
    typer.Argument(
        help="my_project.train:pipeline, a function that returns your model, loaders, loss and optimiser; or data, as "
        "in `assay run`, to verify a recipe's training on it.",
        show_default=False,
        metavar="PROGRAM|SOURCE",
    ),
]
Junit = Annotated[Path | None, typer.Option(help="Also write JUnit XML for a build server.", show_default=False)]
Ignore = Annotated[
    list[str] | None, typer.Option(help="Id of a check to leave out; may be given again.", show_default=False)
]


@options.spread
def verify(
    source: Program,
    budget: Annotated[str, typer.Option(help="Time for the checks: 10s, 1m.")] = "1m",
    recipe: alone.Recipe = None,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    ignore: Ignore = None,
    page: options.Page = None,
    junit: Junit = None,
    json: options.Json = False,
) -> None:
    """Is this pipeline correct, from loader to optimiser step; exits with 1 on an alert."""
    from assay.budget import parse_seconds
    from assay.cli.printing import print_stage
    from assay.programs.load import is_program_name, refuse_nearly_program_name
    from assay.report.junit import write_junit

    check_page(page, source)
    if junit is not None:
        check_junit(junit, source)
    seconds = parse_seconds(budget, least=0.0)  # no check starts after it, and each one stands by itself
    if is_program_name(source):
        of_data = {"recipe": recipe, "out": out, **vars(reading), "decisions": decisions, "device": device}
        refuse_options_of_data(source, of_data)
        story = verify_program(source, seconds, seed, ignore or [])
    else:
        refuse_nearly_program_name(source)
        if ignore:
            raise InputError("--ignore is for a program of your own; a recipe's training is checked whole")
        request = reading.request(source, seconds, seed=seed, device=device, decisions=decisions)
        story = alone.carry_out("verify", request, alone.choose_place("verify", source, out), recipe)
    print_stage(story, as_json=json, page=page)
    report = story.stages[0].report
    if junit is not None:
        write_junit(report, junit)
    if not report.ok or not report.findings:
        raise typer.Exit(1)


def verify_program(name: str, seconds: float, seed: int, ignore: list[str]) -> RunStory:
    """Load the program, make the checks under a live line, and tell them as a story of one stage.

    Raises:
        InputError: the program cannot be loaded or used.
    """
    from assay.checks.verify import make_pipeline, refuse_unknown_ids
    from assay.programs.load import load_program

    try:
        refuse_unknown_ids(ignore)
        pipeline = make_pipeline(**load_program(name, seed=seed), seed=seed)
    except InputError as error:
        if (cause := error.__cause__) is not None:
            own = cause.__traceback__ and cause.__traceback__.tb_next  # without the frame that called the program
            traceback.print_exception(cause.with_traceback(own), file=sys.stderr)
        raise
    # From here on, for the budget is for the checks: what a program imports and builds takes what it takes.
    return tell_program(name, pipeline, make_checks(pipeline, time.monotonic() + seconds, ignore), seconds, seed)


def make_checks(pipeline: Pipeline, deadline: float, ignore: list[str]) -> Report:
    """The checks, with the one at work shown on a terminal."""
    from rich.console import Console

    from assay.checks.verify import run_checks

    console = Console(stderr=True)
    with console.status("verify") as status:
        return run_checks(
            pipeline, deadline, ignore=ignore, on_check=lambda name: status.update(f"verify [bold]{name}[/bold]")
        )


def tell_program(name: str, pipeline: Pipeline, report: Report, seconds: float, seed: int) -> RunStory:
    """A story with this one stage, for terminal and page."""
    import torch

    from assay.checks.given.batches import split_batch, tensors_in
    from assay.report.story import DataSummary, RunStory
    from assay.stages.telling import hardware, tell_stage, versions

    stage = tell_stage("verify", {"report": report.to_dict(), "seconds": report.seconds})
    first = next(tensors_in(split_batch(pipeline.batches[0])[0]), torch.empty(0))
    data = DataSummary(pipeline.loss_kind.name.replace("_", " "), tuple(first.shape[1:]), (), sizes_of(pipeline))
    return RunStory(
        source=name, name=name.rpartition(":")[0], seed=seed, seconds=report.seconds, budget_seconds=seconds,
        hardware=hardware(pipeline.device), data=data, stages=(stage,), versions=versions(),
    )  # fmt: skip


def sizes_of(pipeline: Pipeline) -> tuple[tuple[str, int], ...]:
    """Examples of each loader that knows them."""
    found: list[tuple[str, int]] = []
    for name, loader in (("training", pipeline.train_loader), ("validation", pipeline.val_loader)):
        dataset: Any = getattr(loader, "dataset", None)
        if dataset is not None and hasattr(dataset, "__len__"):
            found.append((name, len(dataset)))
    return tuple(found)


def refuse_options_of_data(source: str, given: dict[str, Any]) -> None:
    """Raises:
    InputError: names the option that says nothing to a program, which brings its own data.
    """
    for name, value in given.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} is for data; {source} brings its own loaders and device: leave {option} out")


def check_junit(path: Path, source: str) -> None:
    """Refuse before any work to write where something else would be destroyed.

    Raises:
        InputError: a folder, a file that is no JUnit XML, or no folder to lie in.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"--junit {path}: must be a file in a folder that is there; name one, such as verify.xml")
    if path.exists() and not path.read_bytes()[:200].lstrip().startswith((b"<?xml", b"<testsuite")):
        raise InputError(f"--junit {path}: this file is there and is no XML; name another file")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(
            f"--junit {path}: nothing can be written there ({error.strerror}); name a folder of yours"
        ) from None
