"""A live line while a run works: stage, what it does, time used of the budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

if TYPE_CHECKING:
    # At run time it would load torch, and the line be late.
    from assay.stages.session import Announce
    from assay.stages.session import Progress as Moment


@contextmanager
def live_progress(console: Console) -> Iterator[Announce]:
    """A bar over the budget; on something that is not a terminal, nothing but the stages' own lines."""
    columns = (
        TextColumn("[bold]{task.fields[stage]:<9}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[time]}"),
        TextColumn("[dim]{task.description}", markup=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reads the data", total=1, stage="", time="")

        def announce(moment: Moment) -> None:
            share = f" {moment.fraction:.0%}" if moment.fraction else ""
            text = (moment.text + share).replace("[", "(").replace("]", ")")
            time = f"{moment.seconds:>4.0f} of {moment.budget_seconds:.0f} s"
            progress.update(
                task, stage=moment.stage, time=time, description=text, completed=moment.seconds,
                total=moment.budget_seconds,
            )  # fmt: skip

        yield announce
