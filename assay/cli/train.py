"""`assay train SOURCE --recipe FILE --epochs N`: one recipe, one seed, one model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from assay.cli import options

MOST_GIBIBYTES = 1e6


def train(
    source: options.Source,
    recipe: Annotated[Path | None, typer.Option(help="TOML file; the default recipe without it.")] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Passes over the training split; the recipe's own without it.")
    ] = None,
    out: options.Out = None,
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    seed: options.Seed = 0,
    device: options.Device = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that decode images which do not fit in memory.")] = 0,
    memory_limit: Annotated[float, typer.Option(min=0, help="GiB of decoded images to hold in memory.")] = 2.0,
    resume: options.Resume = False,
) -> None:
    """Train one recipe alone; a stopped training goes on where it was, to the same weights."""
    from rich.console import Console

    from assay.artifact import FILE, load_model, save_model
    from assay.cli.folders import choose_folder
    from assay.cli.training_progress import follow
    from assay.data.open import open_data
    from assay.defaults import default_recipe
    from assay.errors import InputError
    from assay.recipe_toml import read_recipe, write_recipe
    from assay.training import Training

    if epochs is not None and not 0 < epochs < math.inf:
        raise InputError(f"--epochs must be above 0 and finite, got {epochs:g}; a usual value is 20")
    if not memory_limit < MOST_GIBIBYTES:
        raise InputError(f"--memory-limit {memory_limit:g} GiB is more than any machine has; a usual value is 2")
    wanted = read_recipe(recipe) if recipe else None
    folder = choose_folder(out, name=f"train-{Path(source).name}", finished=FILE, resume=resume)
    data = open_data(source, target=target, group=group, size=options.parse_size(size), skip_bad=skip_bad,
                     impute=impute, seed=seed, memory_limit_bytes=int(memory_limit * 1024**3))  # fmt: skip
    wanted = wanted or default_recipe(data.specification, len(data.train))
    if epochs is not None:
        wanted = wanted.change(epochs=epochs)
    if (folder / FILE).exists():
        if load_model(folder).recipe != wanted:
            raise InputError(f"--out {folder}: holds a model of another recipe; name another folder")
        print(f"finished already; model: {folder / FILE}")
        return
    checkpoint = folder / "training.checkpoint"
    training = Training(wanted, data, seed=seed, device=device, workers=workers, checkpoint=checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    if training.step:
        console.print(f"goes on at step {training.step} of {training.total_steps}")
    try:
        follow(training, console)
    finally:
        training.save()
    run = training.finish()
    save_model(folder, [run.model], data.specification, wanted)
    write_recipe(wanted, folder / "recipe.toml")
    checkpoint.unlink()
    score = run.validation
    print(f"validation {score.metric} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}] (95 %, n = {score.n})")
    print(f"{run.steps} steps in {run.seconds:.1f} s; model: {folder / FILE}")
