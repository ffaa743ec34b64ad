"""What a source gives: labelled examples in their order, before anybody split them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from assay.data.encoders import Encoder
from assay.data.reading.headers import Headers
from assay.data.reading.text import Texts
from assay.data.specification import Task
from assay.data.split import LazyInputs, Split
from assay.errors import InputError
from assay.finding import Finding

PARTS = ("train", "validation", "test")
READING = ("target", "group", "size", "skip_bad", "impute")
"""How a source is read, as every command, run, page and worker takes and keeps it."""


@dataclass(frozen=True)
class Options:
    """What the user asked of a source; `open_data` documents each."""

    target: str | None = None
    group: str | None = None
    size: tuple[int, int] | None = None
    skip_bad: bool = False
    impute: bool = False
    memory_limit_bytes: int = 2 * 1024**3
    tolerant: bool = False

    @property
    def skips_bad(self) -> bool:
        """Whether unreadable files are left out."""
        return self.skip_bad or self.tolerant

    @property
    def imputes(self) -> bool:
        """Whether missing cells are filled."""
        return self.impute or self.tolerant

    def refuse(self, source: str, *names: str) -> None:
        """For sources: refuse the options that mean nothing to them.

        Raises:
            InputError: names the first option that was given in vain.
        """
        for name in names:
            value, option = getattr(self, name), f"--{name.replace('_', '-')}"
            if value not in (None, False):
                given = "" if value is True else f" (got {value!r})"
                raise InputError(f"{source} has no use for {option}{given}; leave it out")


@dataclass(frozen=True, eq=False)
class Examples:
    """All examples of a source, of whatever part.

    parts: `train`, `validation` or `test` for each example, where the source itself divides them.
    groups: a name for each example; examples of one group must not be separated.
    unreadable: one message for each file left out on the user's wish.
    headers: of sources made of image files. texts: of tables with columns of running text.
    """

    name: str
    task: Task
    inputs: Tensor | LazyInputs
    targets: Tensor
    ids: tuple[str, ...]
    encoder: Encoder
    classes: tuple[str, ...] = ()
    parts: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()
    unreadable: tuple[str, ...] = ()
    headers: Headers | None = None
    texts: Texts | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def split(self, indices: Tensor) -> Split:
        """The examples at `indices` as a split."""
        return Split(self.inputs, self.targets, self.ids).select(indices)

    def without(self, unreadable: dict[int, str]) -> Examples:
        """All but the examples at these positions; the messages are kept."""
        kept = [index for index in range(len(self)) if index not in unreadable]
        return replace(self.at(kept), unreadable=(*self.unreadable, *unreadable.values()))

    def at(self, kept: Sequence[int]) -> Examples:
        """Those at these positions, in that order."""
        chosen = self.split(torch.tensor(list(kept), dtype=torch.int64))
        return replace(
            self,
            inputs=chosen.inputs,
            targets=chosen.targets,
            ids=chosen.ids,
            parts=_pick(self.parts, kept),
            groups=_pick(self.groups, kept),
        )


def _pick(values: tuple[str, ...] | None, kept: Sequence[int]) -> tuple[str, ...] | None:
    return None if values is None else tuple(values[index] for index in kept)


def check_classes(examples: Examples) -> None:
    """A classifier needs two classes, and of each class one example to learn and one to be judged by.

    Raises:
        InputError: no example at all, one class only, or a class with a single example, by name.
    """
    if len(examples) == 0:
        raise InputError(f"{examples.name} holds no examples; give a source with at least two of each class")
    if examples.task == "regression":
        return
    if len(examples.classes) < 2:
        only = examples.classes[0] if examples.classes else "none"
        raise InputError(f"{examples.name} has one class only ({only!r}); classification needs two at least: add "
                         "examples of another, or name another target")  # fmt: skip
    counts = torch.bincount(examples.targets, minlength=len(examples.classes)).tolist()
    few = [name for name, count in zip(examples.classes, counts, strict=True) if count == 0]
    if few:
        raise InputError(f"{examples.name}: class {few[0]!r} has no readable example; add some or remove the class")
    single = [index for index, count in enumerate(counts) if count == 1]
    if single:
        where = examples.ids[examples.targets.tolist().index(single[0])]
        name = examples.classes[single[0]]
        raise InputError(
            f"{examples.name}: class {name!r} has a single example ({where}); a class needs at least two, "
            f"add examples or remove the class ({len(single)} such class{'es' if len(single) > 1 else ''})"
        )
