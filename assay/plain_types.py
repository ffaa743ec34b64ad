"""Does a value read from a file fit a field's type? Only the types that parts of a recipe use.

A part inside a part is read first; here it only has to be of the kind that the field asks for.
"""

from __future__ import annotations

import re
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from assay.errors import InputError

NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text in quotes", NoneType: "nothing"}


def fit_value(value: Any, hint: Any, where: str) -> Any:
    """The value as a field of type `hint` holds it: lists become tuples, whole numbers floats.

    Raises:
        InputError: the value does not fit; `where` names the field.
    """
    try:
        return _fit(value, hint)
    except TypeError:
        raise InputError(f"{where} must be {describe_type(hint)}, got {value!r}") from None


def describe_type(hint: Any) -> str:
    """A type in words: `a number`, `one of "a", "b"`, `a list, each a whole number`."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind is Literal:
        return "one of " + ", ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in inner)
    if kind in (Union, UnionType):
        return " or ".join(describe_type(choice) for choice in inner if choice is not NoneType)
    if kind is tuple:
        length = "a list" if inner[-1] is Ellipsis else f"a list of {len(inner)}"
        return f"{length}, each {describe_type(inner[0])}"
    if hint in NAMES or not isinstance(hint, type):
        return NAMES.get(hint, str(hint))
    return "a " + re.sub(r"(?<!^)(?=[A-Z])", " ", hint.__name__).lower()


def _fit(value: Any, hint: Any) -> Any:
    kind, inner = get_origin(hint), get_args(hint)
    if kind is Literal:
        return _of(value, any(value == choice and type(value) is type(choice) for choice in inner))
    if kind in (Union, UnionType):
        return _fit_first(value, inner)
    if kind is tuple:
        _of(value, isinstance(value, list | tuple))
        types = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
        _of(value, len(value) == len(types))
        return tuple(_fit(item, item_type) for item, item_type in zip(value, types, strict=True))
    if hint is float and type(value) is int:
        return float(value)
    # Not isinstance throughout: True is an int.
    return _of(value, type(value) is hint if hint in NAMES else isinstance(value, hint))


def _fit_first(value: Any, hints: tuple[Any, ...]) -> Any:
    for hint in hints:
        try:
            return _fit(value, hint)
        except TypeError:
            continue
    raise TypeError


def _of(value: Any, fits: bool) -> Any:
    if not fits:
        raise TypeError
    return value
