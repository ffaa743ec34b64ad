"""The labels a reviewer may give: by key, by a few letters, or as a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from assay.audit.decisions.decision import Label
from assay.data.specification import Specification
from assay.errors import InputError

KEYS = "0123456789"
SHOWN = 8


class Choice(NamedTuple):
    """A class that a key gives."""

    key: str
    label: str


def choices(specification: Specification) -> tuple[Choice, ...]:
    """The first ten classes with their digits; a digit is the number of its class."""
    return tuple(map(Choice._make, zip(KEYS, specification.classes, strict=False)))


def fitting(classes: tuple[str, ...], text: str) -> list[str]:
    """Classes that fit some letters: that one itself, then those that begin with them, then those that hold them."""
    key = text.strip().lower()
    ranked = [(rank(name.lower(), key), index) for index, name in enumerate(classes) if key in name.lower()]
    return [classes[index] for _, index in sorted(ranked)[:SHOWN]]


def meant(text: str, classes: Sequence[str]) -> list[str]:
    """Classes that typed letters mean: of that name, else so beginning, else that hold them; several where open."""
    text = text if text in classes else text.strip()
    # A class may have the very name that was typed, also with blanks around it.
    if text in classes or not text:
        return [text] if text else []
    fits = {name: rank(name.lower(), text.lower()) for name in classes if text.lower() in name.lower()}
    return [name for name, place in fits.items() if place == min(fits.values())]


def say_several(text: str, found: Sequence[str]) -> str:
    """What is told where letters fit several classes."""
    return f"{text!r} may be {', '.join(found[:SHOWN])}{', ...' if len(found) > SHOWN else ''}; type more of it"


def rank(name: str, key: str) -> int:
    """The smaller, the better the letters fit the name."""
    if name == key:
        return 0
    return 1 if name.startswith(key) else 2


def label_meant(specification: Specification, text: str) -> Label:
    """The class or number that was typed.

    Raises:
        InputError: no class fits, or several do, or it is no number where one is needed.
    """
    if specification.task == "regression":
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"label must be a number, got {text!r}; write it such as 12.5")
        return number
    found = meant(text, specification.classes)
    if len(found) > 1:
        raise InputError(say_several(text, found))
    if not found:
        known = ", ".join(specification.classes[:SHOWN]) + (", ..." if len(specification.classes) > SHOWN else "")
        raise InputError(f"label must be a class, got {text!r}; the classes are {known}")
    return found[0]
