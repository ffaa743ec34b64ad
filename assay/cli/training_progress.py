"""A bar for one training: steps, loss, learning rate, time left."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assay.training import Training


def follow(training: Training, console: Console) -> None:
    """Run the training to its end under a live bar (none where there is no terminal)."""
    columns = (
        TextColumn("step"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=training.total_steps, completed=training.step)
        for step in training:
            if not progress.disable and step.number % 10 == 0:
                text = f"loss {float(step.loss):.3f}, rate {step.learning_rate:.2g}"
                progress.update(task, completed=training.step, description=text)
        progress.update(task, completed=training.step)
