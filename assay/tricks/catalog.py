"""All tricks: one exists for commands and recipe files when its folder's `__init__` lists it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

from assay.errors import InputError
from assay.recipe import Trick
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

TRICKS: tuple[type[Trick], ...] = tuple(trick for room in ROOMS for trick in room.TRICKS)


@cache
def names_of_tricks() -> Mapping[str, tuple[str, type[Trick]]]:
    """By every name that a card gives, condensed: the name as it is written, and the trick."""
    return {condense(called): (called, trick) for trick in TRICKS for called in reversed(card(trick).names)}


def find_trick(name: str) -> type[Trick]:
    """A trick class by its command-line name (`label-smoothing`), class name or another name that its card gives.

    Raises:
        InputError: no such trick; names the closest.
    """
    known = names_of_tricks()
    wanted = condense(name)
    if wanted in known:
        return known[wanted][1]
    close = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {known[close[0]][0]}?" if close else "`assay tricks` lists them"
    raise InputError(f"there is no trick called {name!r}; {hint}")
