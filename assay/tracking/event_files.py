"""TensorBoard: an event file for each training, so that their curves lie over each other.

`tensorboard --logdir DIR` shows them: tags `loss`, `learning_rate` and the metric, by training; scores and the recipe
as text with the command itself. TensorBoard keeps no files: the report is told as a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.tracking.sink import Outcome, Tracked

FOLDER = "tensorboard"


@dataclass(frozen=True)
class TensorBoard:
    """folder: for event files; `tensorboard` in the command's own folder without."""

    folder: Path | None = None
    package = "tensorboard"

    def begin(self, tracked: Tracked) -> Events:
        return Events((self.folder / tracked.name) if self.folder else tracked.folder / FOLDER, tracked.asked)


@dataclass(eq=False)
class Events:
    """The event files of one command."""

    folder: Path
    asked: Mapping[str, object]
    writers: dict[str, Any] = field(default_factory=dict)

    def point(self, curve: str, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer(curve).add_scalar(name, value, step)

    def end(self, outcome: Outcome) -> None:
        whole = self._writer("")
        whole.add_text("asked", table_of(self.asked))
        whole.add_text("recipe", table_of(outcome.parameters))
        whole.add_text("files", "\n".join(f"- {path.resolve()}" for path in outcome.files))
        for name, value in outcome.scores.items():
            whole.add_scalar(f"score/{name}", value, 0)
        for writer in self.writers.values():
            writer.close()

    def _writer(self, curve: str) -> Any:
        if curve not in self.writers:
            from torch.utils.tensorboard import SummaryWriter

            self.writers[curve] = SummaryWriter(str(self.folder / curve))
        return self.writers[curve]


def table_of(values: Mapping[str, object]) -> str:
    """As Markdown, which TensorBoard draws."""
    rows = [f"| {name} | {value} |" for name, value in values.items() if value is not None]
    return "\n".join(["| setting | value |", "|---|---|", *rows])
