"""What the command line asked of the page; light, as the server is there before anything heavy is imported."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """A source with its options, or the folder of a run.

    audit: a table that `assay clean` or an inspection wrote; without it the data is inspected anew.
    decisions: where decisions go; without it beside the run, or here under the name of the source.
    budget_seconds: for the inspection.
    """

    place: str
    decisions: Path | None = None
    audit: Path | None = None
    reviewer: str = "me"
    budget_seconds: float = 60.0
    target: str | None = None
    group: str | None = None
    size: tuple[int, int] | None = None
    skip_bad: bool = False
    impute: bool = False
    seed: int = 0

    @property
    def place_with_options(self) -> str:
        """What a command is given that is to read the same, as a shell takes it."""
        named = [("--target", self.target), ("--group", self.group)]
        named += [("--size", None if self.size is None else "x".join(map(str, self.size)))]
        named += [("--seed", str(self.seed) if self.seed else None)]
        flags = [f"--{name.replace('_', '-')}" for name in ("skip_bad", "impute") if getattr(self, name)]
        given = [part for name, value in named if value is not None for part in (name, value)]
        return shlex.join((self.place, *given, *flags))

    @property
    def name(self) -> str:
        """What the page calls it before it is read."""
        return Path(self.place).name or self.place
