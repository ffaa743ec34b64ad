"""A bar for one training: steps, loss, learning rate, time left; Ctrl-C ends it between two steps."""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assay.errors import DivergedError
from assay.loop import Step
from assay.training.live import LiveFile
from assay.training.train import Training

LOOK_EVERY = 10
"""Steps between two looks at the loss."""


def follow(training: Training, console: Console, live: LiveFile | None = None) -> None:
    """Run the training to its end under a live bar (none where there is no terminal).

    Args:
        live: where its curves are told to who watches from elsewhere.
    Raises:
        InputError: the loss is no number any more.
        KeyboardInterrupt: Ctrl-C, after the step that was under way, so that it can be saved.
    """
    columns = (
        TextColumn("step"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console, disable=not console.is_terminal)
    with bar as progress, interrupts() as asked:
        task = progress.add_task("", total=training.total_steps, completed=training.step)
        for step in training:
            if step.number % LOOK_EVERY == 0 or training.step == training.total_steps:
                require_finite(step)
                text = f"loss {float(step.loss):.3f}, rate {step.learning_rate:.2g}"
                progress.update(task, completed=training.step, description=text)
                tell(training, live)
            if asked:
                raise KeyboardInterrupt
        progress.update(task, completed=training.step)
    tell(training, live, done=True)


def tell(training: Training, live: LiveFile | None, *, done: bool = False) -> None:
    """Add to the file of curves what is new, if there is one."""
    if live is not None:
        live.grow("training", training.history, training.total_steps, metric=training.data.specification.metric,
                  stage="train", text=f"seed {training.seed}", done=done)  # fmt: skip


def require_finite(step: Step) -> None:
    """Refuse to go on with a training that has diverged.

    Raises:
        DivergedError: the loss is not finite.
    """
    if not math.isfinite(float(step.loss)):
        raise DivergedError(
            f"the training diverged: the loss is {float(step.loss)} at step {step.number}, with the learning rate "
            f"{step.learning_rate:.3g}; lower it, or look at the inputs with `assay inspect`"
        )


@contextmanager
def interrupts() -> Iterator[list[int]]:
    """A list that holds something once Ctrl-C was pressed; pressed again, it interrupts at once."""
    asked: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, remember)
    except ValueError:
        # Only the main thread may; elsewhere Ctrl-C does not arrive.
        yield asked
        return
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
