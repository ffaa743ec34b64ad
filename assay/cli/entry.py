"""What was typed, understood: a class by key, number or the start of its name, or one of three commands."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assay.errors import InputError
from assay.ui.choices import meant, say_several

Action = Literal["answer", "unsure", "undo", "quit"]
COMMANDS: dict[str, Action] = {"u": "unsure", "z": "undo", "q": "quit"}
MOST_KEYS = 10
"""Classes that a digit each can stand for."""


@dataclass(frozen=True)
class Entry:
    """What the person wants; label for `answer` only."""

    action: Action
    label: str | None = None


def have_keys(classes: Sequence[str]) -> bool:
    """Whether one key can stand for each class: its digit, or its name of one letter."""
    if any(name.lower() in COMMANDS for name in classes):
        return False
    return all(len(name) == 1 for name in classes) or (len(classes) <= MOST_KEYS and not _numbered(classes))


def understand(text: str, classes: Sequence[str], *, by_key: bool = False) -> Entry:
    """The class of that name, key (number from 0) or letters, or a command: u, z, q; `:u` where a class is called so.

    What letters mean is what they mean on the page: both write to the same file.

    Args:
        by_key: one key is all there is, so a name is not known by its beginning: a slip should answer nothing.
    Raises:
        InputError: none or several are meant; says which.
    """
    found = meant(text, classes)
    text = text if text in classes else text.strip()
    named = [name for name in found if name.lower() == text.lower()]
    command = text.lower().removeprefix(":")
    if command in COMMANDS and text not in classes and (text.startswith(":") or not named):
        return Entry(COMMANDS[command])
    if text.isdecimal() and int(text) < len(classes) <= MOST_KEYS and not _numbered(classes):
        return Entry("answer", classes[int(text)])
    found = named if by_key else found
    if len(found) == 1:
        return Entry("answer", found[0])
    raise InputError(_say_wrong(text, found, classes))


def legend(classes: Sequence[str]) -> str:
    """The keys, or how to type a class where there are too many for keys."""
    commands = "U unsure   Z undo   Q stop and go on another time"
    if len(classes) > MOST_KEYS and not have_keys(classes):
        return f"Type the beginning of one of {len(classes)} classes: {classes[0]}, ...   {commands}"
    named = _numbered(classes) or all(len(name) == 1 for name in classes)
    keys = "   ".join(name if named else f"{key} {name}" for key, name in enumerate(classes))
    return f"{keys}\n{commands}"


def _numbered(classes: Sequence[str]) -> bool:
    """Whether a number that is typed is a name and not a place."""
    return any(name.isdecimal() for name in classes)


def _say_wrong(text: str, found: Sequence[str], classes: Sequence[str]) -> str:
    if len(found) > 1:
        return say_several(text, found)
    near = difflib.get_close_matches(text, classes, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    keys = "the beginning of a class" if len(classes) > MOST_KEYS or _numbered(classes) else f"0 to {len(classes) - 1}"
    return f"{text!r} is no answer{guess}; type {keys}, U, Z or Q"
