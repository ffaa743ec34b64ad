"""One decision about one example, and the line of JSON it is kept as."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from assay.audit.journal import check_time, check_word, time_now
from assay.errors import InputError

Action = Literal["keep", "relabel", "drop", "unsure", "undo"]
ACTIONS: tuple[Action, ...] = get_args(Action)
Label = str | int | float | None
"""A class by its name, a regression target by its number."""


@dataclass(frozen=True)
class Decision:
    """What one reviewer said of one example; `undo` takes back the same reviewer's last word on it.

    label: what the example is to be called; for `relabel` only.
    time: when it was said, in UTC and ISO 8601.
    previous: what the example was called then, where known; tells whether the data has changed since.
    line: where it stands in its file, from 1; no part of what was decided.
    """

    id: str
    action: Action
    reviewer: str
    time: str
    label: Label = None
    previous: Label = None
    line: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check(vars(self))

    def to_line(self) -> bytes:
        """One line of UTF-8 with its end; `from_values` reads its values back."""
        values = {
            "id": self.id,
            "action": self.action,
            "label": self.label,
            "reviewer": self.reviewer,
            "time": self.time,
            "previous": self.previous,
        }
        return json.dumps(values, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_values(cls, values: Mapping[str, Any], *, line: int | None = None) -> Decision:
        """Keys that are not known are left alone: later versions may write more.

        Raises:
            InputError: a key is missing, or a value is not what it must be.
        """
        missing = [name for name in ("id", "action", "reviewer", "time") if name not in values]
        if missing:
            raise InputError(f"lacks {missing[0]!r}")
        known: dict[str, Any] = {
            name: values.get(name) for name in ("id", "action", "reviewer", "time", "label", "previous")
        }
        _check(known)
        return cls(**known, line=line)


def decide(id: str, action: Action, *, reviewer: str, label: Label = None, previous: Label = None) -> Decision:
    """A decision made now.

    Raises:
        InputError: an unknown action, a relabel without label, a label without relabel, or an empty name.
    """
    return Decision(id, action, reviewer, time_now(), label, previous)


def _check(values: Mapping[str, Any]) -> None:
    for name in ("id", "reviewer"):
        check_word(name, values[name])
    action, label = values["action"], values["label"]
    if action not in ACTIONS:
        raise InputError(f"action must be one of {', '.join(ACTIONS)}, got {action!r}")
    for name in ("label", "previous"):
        _check_label(name, values[name])
    if (action == "relabel") != (label is not None):
        rule = "a relabel needs one" if action == "relabel" else f"{action!r} takes none"
        raise InputError(f"label must fit the action, got {label!r}; {rule}")
    check_time(values["time"])


def _check_label(name: str, value: object) -> None:
    if isinstance(value, str):
        check_word(name, value)
    elif value is not None and not _is_number(value):
        raise InputError(f"{name} must be a class name or a finite number, got {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
