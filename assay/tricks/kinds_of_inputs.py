"""Which inputs a trick is for: some are for images or for signals only, and are refused on others."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from assay.data.encoders import TableEncoder
from assay.data.specification import Specification
from assay.recipe import Recipe, RecipeError, Trick
from assay.trick import OfQuantity

REMEDIES = {
    "images": "",
    "signals": ", or save signals as an array (examples, length) or (examples, channels, 1, length)",
}
"""What else helps where data lacks a kind of inputs."""


@runtime_checkable
class ForImages(Protocol):
    """A trick that is for images only."""

    @property
    def images_only(self) -> bool: ...


@runtime_checkable
class ForSignals(Protocol):
    """A trick that is for signals only."""

    @property
    def signals_only(self) -> bool: ...


def require_fit(recipe: Recipe, specification: Specification) -> None:
    """Refuse a recipe for other data before anything is built or written.

    Raises:
        RecipeError: the loss is for another task, or a trick needs images or signals and the inputs are none.
    """
    if recipe.task != specification.task:
        raise RecipeError(f"the loss {recipe.loss} is for {recipe.task}, the data is {specification.task}")
    for kind, remedy in REMEDIES.items():
        unfit = [type(trick).__name__ for trick in recipe.tricks if missing_kind(trick, specification) == kind]
        if unfit:
            verb, them = ("needs", "it") if len(unfit) == 1 else ("need", "them")
            raise RecipeError(
                f"{', '.join(unfit)} {verb} {kind}, these inputs are {_described(specification)}; "
                f"take {them} out of the recipe{remedy}"
            )


def missing_kind(trick: Trick, specification: Specification) -> str:
    """The only kind of inputs that the trick is for, `images` or `signals`; empty where these are of that kind."""
    if is_for_images(trick) and not specification.is_image:
        return "images"
    return "signals" if is_for_signals(trick) and not specification.is_signal else ""


def is_for_images(trick: object) -> bool:
    """Whether the trick is for images only, as any schedule of their resolution is."""
    if isinstance(trick, OfQuantity) and trick.of == "resolution":
        return True
    return isinstance(trick, ForImages) and trick.images_only


def is_for_signals(trick: object) -> bool:
    """Whether the trick is for signals only."""
    return isinstance(trick, ForSignals) and trick.signals_only


def _described(specification: Specification) -> str:
    if isinstance(specification.encoder, TableEncoder):
        return f"{specification.input_shape[0]} columns of a table"
    kinds = {1: "vectors", 2: "signals", 3: "images"}
    return f"{kinds.get(len(specification.input_shape), 'arrays')} of shape {specification.input_shape}"
