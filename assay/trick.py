"""A trick is a frozen dataclass that turns a recipe into another; what a stack tells of one, and what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from assay.recipe import Recipe


@runtime_checkable
class Trick(Protocol):
    """A frozen dataclass of plain values that turns a recipe into another."""

    def __call__(self, recipe: Recipe) -> Recipe: ...


@runtime_checkable
class OfQuantity(Protocol):
    """A trick that a stack may hold once for each quantity that it acts on."""

    @property
    def of(self) -> str: ...


@dataclass(frozen=True)
class Need:
    """What a trick asks of a recipe, now and after every later trick."""

    by: Trick
    need: str
    holds: Callable[[Recipe], bool]


def identity(trick: Trick) -> tuple[type, str]:
    """What a stack holds once: a class, or a class and the quantity (`of`) that it schedules."""
    return type(trick), trick.of if isinstance(trick, OfQuantity) else ""
