"""How the data of a run were named on the command line, so that the next command can name them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class AskedData:
    """The source and the options that decide which examples are in which split."""

    source: str = "SOURCE"
    seed: int = 0
    target: str | None = None
    group: str | None = None
    size: tuple[int, int] | None = None
    skip_bad: bool = False
    impute: bool = False
    decisions: str | None = None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> AskedData:
        """From what a run keeps of its request; what is not known here is passed by."""
        held = {field.name: request[field.name] for field in fields(cls) if request.get(field.name) is not None}
        return cls(**{**held, "size": tuple(held["size"])} if "size" in held else held)

    def is_of_same_data(self, other: AskedData) -> bool:
        """Whether both name the same examples with the same targets, in whatever splits."""
        return all(getattr(self, name) == getattr(other, name) for name in ("source", "target", "group", "size"))

    def words(self) -> tuple[str, ...]:
        """The source and its options, as a command takes them."""
        options: list[str] = [self.source]
        for name in ("target", "group", "decisions"):
            if getattr(self, name) is not None:
                options += [f"--{name}", str(getattr(self, name))]
        if self.size is not None:
            options += ["--size", "x".join(map(str, self.size))]
        options += [f"--{name.replace('_', '-')}" for name in ("skip_bad", "impute") if getattr(self, name)]
        return (*options, *(("--seed", str(self.seed)) if self.seed else ()))
