"""A live line while a run works: stage, what it does, time used of the budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from assay.session import Announce
from assay.session import Progress as Moment


@contextmanager
def live_progress(console: Console) -> Iterator[Announce]:
    """A bar over the budget; on something that is not a terminal, nothing but the stages' own lines."""
    columns = (
        TextColumn("[bold]{task.fields[stage]:<9}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:>4.0f} of {task.total:.0f} s"),
        TextColumn("[dim]{task.description}", markup=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reads the data", total=1, stage="")

        def announce(moment: Moment) -> None:
            share = f" {moment.fraction:.0%}" if moment.fraction else ""
            text = (moment.text + share).replace("[", "(").replace("]", ")")
            progress.update(
                task, stage=moment.stage, description=text, completed=moment.seconds, total=moment.budget_seconds
            )

        yield announce
