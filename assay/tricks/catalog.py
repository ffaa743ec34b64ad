"""All tricks: one exists for commands and recipe files when its folder's `__init__` lists it."""

from __future__ import annotations

import difflib

from assay.data.encoders import TableEncoder
from assay.data.specification import Specification
from assay.errors import InputError
from assay.recipe import Recipe, RecipeError, Trick
from assay.tricks import (
    activation,
    architecture,
    average,
    batch,
    drop,
    gradient,
    inference,
    initialisation,
    loss,
    norm,
    optimizer,
    penalty,
    precision,
    sampling,
    schedule,
    step,
    stopping,
    target,
    weights,
)
from assay.tricks.card import card
from assay.tricks.spelling import condense

ROOMS = (
    *(sampling, batch, target, loss, penalty),
    *(initialisation, activation, norm, architecture, drop),
    *(optimizer, schedule, gradient, step, weights),
    *(average, precision, stopping, inference),
)
"""The folders of tricks, in the order in which a training meets them; each lists its own."""

REMEDIES = {
    "images": "",
    "signals": ", or save signals as an array (examples, length) or (examples, channels, 1, length)",
}
"""What else helps where data lacks a kind of inputs."""

TRICKS: tuple[type[Trick], ...] = tuple(trick for room in ROOMS for trick in room.TRICKS)


def find_trick(name: str) -> type[Trick]:
    """A trick class by its command-line name (`label-smoothing`), class name or another name that its card gives.

    Raises:
        InputError: no such trick; names the closest.
    """
    known = {condense(called): (called, trick) for trick in TRICKS for called in reversed(card(trick).names)}
    wanted = condense(name)
    if wanted in known:
        return known[wanted][1]
    close = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {known[close[0]][0]}?" if close else "`assay tricks` lists them"
    raise InputError(f"there is no trick called {name!r}; {hint}")


def why_not(trick: Trick, recipe: Recipe, specification: Specification) -> str:
    """Why `trick` cannot join `recipe` on data of this kind; empty when it can."""
    if kind := missing_kind(trick, specification):
        return f"{type(trick).__name__} needs {kind}; these inputs are {_described(specification)}"
    try:
        _ = recipe | trick
    except RecipeError as error:
        return str(error)
    return ""


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
    if getattr(trick, "images_only", False) and not specification.is_image:
        return "images"
    return "signals" if getattr(trick, "signals_only", False) and not specification.is_signal else ""


def _described(specification: Specification) -> str:
    if isinstance(specification.encoder, TableEncoder):
        return f"{specification.input_shape[0]} columns of a table"
    kinds = {1: "vectors", 2: "signals", 3: "images"}
    return f"{kinds.get(len(specification.input_shape), 'arrays')} of shape {specification.input_shape}"
