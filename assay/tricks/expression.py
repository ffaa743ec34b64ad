"""A trick as one writes it: `Mixup(alpha=0.4)`, `Mixup(0.4)`, `mixup` or `label-smoothing(smoothing=0.2)`."""

from __future__ import annotations

import ast
import math
from dataclasses import fields
from typing import Any, get_type_hints

from assay.errors import InputError
from assay.plain_types import fit_value
from assay.recipe import RecipeError, Trick
from assay.tricks.catalog import find_trick


def read_trick(text: str) -> Trick:
    """The trick that `text` names, with its arguments; nothing is executed.

    Raises:
        InputError: no such trick or argument, a value of another type or out of range, or not written as a call
            with plain values.
    """
    name, bracket, rest = text.strip().partition("(")
    kind = find_trick(name.strip())
    values, keywords = read_arguments(text, bracket + rest)
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind) if field.init]  # pyright: ignore[reportArgumentType]
    if len(values) > len(known):
        raise InputError(f"{text}: {kind.__name__} takes at most {len(known)} values, got {len(values)}")
    given = dict(zip(known, values, strict=False))
    for argument, value in keywords.items():
        if argument not in known:
            listed = f"known are {', '.join(known)}" if known else "it has none"
            raise InputError(f"{text}: {kind.__name__} has no argument {argument!r}; {listed}")
        if argument in given:
            raise InputError(f"{text}: {argument} is given twice; give it once")
        given[argument] = value
    fitted = {key: fit_value(value, hints[key], f"{text}: {key}") for key, value in given.items()}
    try:
        return kind(**fitted)
    except (ValueError, RecipeError) as error:
        raise InputError(f"{text}: {error}") from error


def read_arguments(text: str, call: str) -> tuple[list[Any], dict[str, Any]]:
    """Values by position and by name out of `(0.4, mode="random")`; both empty for no brackets."""
    if not call:
        return [], {}
    try:
        tree = ast.parse(f"trick{call}", mode="eval").body
        if not isinstance(tree, ast.Call) or any(keyword.arg is None for keyword in tree.keywords):
            raise ValueError("not a call")
        values = [read_value(node) for node in tree.args]
        return values, {str(keyword.arg): read_value(keyword.value) for keyword in tree.keywords}
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{text!r} is not written as a trick with plain values; write Mixup(alpha=0.4)") from error


def read_value(node: ast.expr) -> Any:
    """A plain value; `inf` stands for the number that Python prints so.

    Raises:
        ValueError: it is none.
    """
    return math.inf if isinstance(node, ast.Name) and node.id == "inf" else ast.literal_eval(node)
