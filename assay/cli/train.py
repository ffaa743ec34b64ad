"""`assay train SOURCE --recipe MODEL --epochs N`: one recipe, one seed, one model."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.cli.asked_recipe import AS_USUAL, AskedRecipe, choose_recipe, settle
from assay.cli.tracked import choose_tracking, tracked
from assay.errors import DivergedError, InputError
from assay.run_folder import CHECKPOINT, CURVES, MODEL, RECIPE, ROOT

if TYPE_CHECKING:
    from assay.advice.asked import AskedData
    from assay.recipe import Recipe
    from assay.training.train import Run, Training

MOST_GIBIBYTES = 1e6


@options.spread
def train(
    source: options.Source,
    wanted: AskedRecipe = AS_USUAL,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that decode images which do not fit in memory.")] = 0,
    memory_limit: Annotated[float, typer.Option(min=0, help="GiB of decoded images to hold in memory.")] = 2.0,
    track: options.Track = None,
    resume: options.Resume = False,
) -> None:
    """Train one recipe alone; a stopped training goes on where it was, to the same weights."""
    from assay.advice.asked import AskedData
    from assay.audit.decisions import apply_decisions, read_decisions
    from assay.cli.folders import choose_folder, plain_name, unfinished_folders
    from assay.data.open import open_data
    from assay.device import choose_device
    from assay.training.train import Training

    require_possible(wanted.epochs, memory_limit)
    sinks = choose_tracking(track)
    chosen, place = choose_recipe(wanted.recipe, wanted.preset), choose_device(device)
    name = f"train-{Path(source).name}"
    folder = choose_folder(out, name=name, finished=MODEL, resume=resume)
    data = open_data(source, seed=seed, memory_limit_bytes=int(memory_limit * 1024**3), **reading.for_opening())
    if decisions is not None:
        data = apply_decisions(data, read_decisions(decisions), seed=seed)
    recipe, told = settle(chosen, data, place)
    recipe, notes = wanted.change(recipe)
    if is_finished(recipe, folder):
        print(f"finished already; model: {folder / MODEL}")
        return

    def begin(folder: Path) -> Training:
        checkpoint = folder / CHECKPOINT
        return Training(recipe, data, seed=seed, device=place, workers=workers, checkpoint=checkpoint)

    folders = unfinished_folders(plain_name(name), MODEL) if out is None and not resume else [folder]
    training, folder, more = begin_where_free(begin, folders, resume=resume)
    asked = AskedData(source, seed, decisions=options.text_of(decisions), **reading.for_opening())
    with tracked(sinks, "train", folder, {"source": source, "seed": seed}):
        train_in(folder, training, told + notes + more, asked=asked)


def train_in(folder: Path, training: Training, notes: list[str], *, asked: AskedData) -> None:
    """Train to the end and leave the model; stopped, it leaves what --resume goes on with."""
    from assay.cli.folders import stoppable

    with stoppable(folder, finished=MODEL):
        folder.mkdir(parents=True, exist_ok=True)
        carry_out(training, folder, notes)
        keep(training, folder, asked)
    (folder / CHECKPOINT).unlink(missing_ok=True)


def begin_where_free(
    begin: Callable[[Path], Training], folders: Iterable[Path], *, resume: bool
) -> tuple[Training, Path, list[str]]:
    """The training in the first folder that holds no other, and a line if others stand before it.

    Raises:
        InputError: the last of the folders holds another training, or one of them something else.
    """
    from assay.cli.folders import choose_folder
    from assay.training.checkpoint import OtherTrainingError

    passed: dict[Path, InputError] = {}
    for folder in folders:
        choose_folder(folder, name="", finished=MODEL, resume=resume)
        try:
            training = begin(folder)
        except OtherTrainingError as other:
            passed[folder] = other
        else:
            names = ", ".join(map(str, passed))
            return training, folder, [f"trains in {folder}; another training was stopped in {names}"] if passed else []
    raise next(reversed(passed.values()), InputError(f"{ROOT}: all folders of this name are taken; name one by --out"))


def require_possible(epochs: float | None, memory_limit: float) -> None:
    """Refuse numbers that no training can have.

    Raises:
        InputError: names the option.
    """
    if epochs is not None and not 0 < epochs < math.inf:
        raise InputError(f"--epochs must be above 0 and finite, got {epochs:g}; a usual value is 20")
    if not memory_limit < MOST_GIBIBYTES:
        raise InputError(f"--memory-limit {memory_limit:g} GiB is more than any machine has; a usual value is 2")


def is_finished(recipe: Recipe, folder: Path) -> bool:
    """Whether the folder holds the model of this recipe.

    Raises:
        InputError: it holds another one's.
    """
    from assay.artifact import load_model

    if not (folder / MODEL).exists():
        return False
    if load_model(folder).recipe != recipe:
        raise InputError(f"--out {folder}: holds a model of another recipe; name another folder")
    return True


def carry_out(training: Training, folder: Path, notes: list[str]) -> None:
    """Train to the end; a stop keeps the checkpoint, a training that diverges leaves nothing."""
    from rich.console import Console

    from assay.cli.training_progress import follow
    from assay.training.live import LiveFile

    console = Console(stderr=True)
    for note in notes + say_smaller_batches(training):
        console.print(note)
    if training.step:
        console.print(f"goes on at step {training.step} of {training.total_steps}")
    try:
        follow(training, console, LiveFile(folder / CURVES))
    except DivergedError:
        # A diverged training is not worth going on with, and an empty folder nothing to find.
        if training.checkpoint is not None:
            training.checkpoint.unlink(missing_ok=True)
        (folder / CURVES).unlink(missing_ok=True)
        remove_empty(folder)
        raise
    except BaseException:
        training.save()
        remove_empty(folder)
        raise


def say_smaller_batches(training: Training) -> list[str]:
    """No batch holds more examples than there are; the rate is still the one for what was asked."""
    asked, held = training.recipe.batch_size, len(training.data.train)
    return [f"batches hold all {held} training examples; {asked} were asked for"] if asked > held else []


def keep(training: Training, folder: Path, asked: AskedData) -> None:
    """Write the model, its recipe, a summary and its curves, say how good it is, and what the curves ask for."""
    from assay.advice.advise import advise, curves_of
    from assay.advice.training_file import write_training
    from assay.artifact import save_model
    from assay.recipe_toml import write_recipe

    run = training.finish()
    save_model(folder, [run.model], run.specification, run.recipe)
    write_recipe(run.recipe, folder / RECIPE)
    summarize(training, run, folder, asked.source)
    write_training(folder, run, training.data, asked)
    score = run.validation
    print(f"validation {score.metric} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}] (95 %, n = {score.n})")
    print(f"{run.steps} steps in {run.seconds:.1f} s; model: {folder / MODEL}")
    for finding in advise(curves_of(run, len(training.data.train)))[0]:
        if finding.fix:
            print(f"{finding.id}: {finding.summary} {finding.cause} {finding.fix}")
    print(f"what to do next: assay advise {shlex.quote(str(folder))}")


def summarize(training: Training, run: Run, folder: Path, source: str) -> None:
    """Write `summary.json`: what `assay runs` lists and compares."""
    from assay.environment import environment_of
    from assay.example_scores import keep_scores
    from assay.report.training_summary import write_training_summary
    from assay.trial import NUMERICS

    write_training_summary(
        run, folder, source=source, model=folder / MODEL, data=training.data.fingerprint,
        examples=keep_scores(training.data.validation.ids, run.validation.example_scores),
        environment={**environment_of(training.device), "numerics": NUMERICS},
    )  # fmt: skip


def remove_empty(folder: Path) -> None:
    """Remove the folder if nothing is in it."""
    if not any(folder.iterdir()):
        folder.rmdir()
