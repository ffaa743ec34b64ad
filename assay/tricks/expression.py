"""A trick as one writes it: `Mixup(alpha=0.4)`, `Mixup(0.4)`, `mixup` or `label-smoothing(smoothing=0.2)`.

An argument may be a trick itself, written with its brackets: `Restart(Cosine(floor=0.1), period_epochs=5)`.
"""

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
    return make_trick(text, find_trick(name.strip()), *read_arguments(text, bracket + rest))


def make_trick(text: str, kind: type[Trick], values: list[Any], keywords: dict[str, Any]) -> Trick:
    """The trick with these arguments; `text` is what errors call it.

    Raises:
        InputError: an argument is unknown or given twice, or a value of another type or out of range.
    """
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
        if not isinstance(tree, ast.Call):
            raise ValueError("not a call")
        return _values(tree)
    except InputError:
        raise
    except (SyntaxError, ValueError) as error:
        raise InputError(
            f"{text!r} is not written as a trick with plain values; write Mixup(alpha=0.4), or "
            "Restart(Cosine()) for one inside another"
        ) from error


def read_value(node: ast.expr) -> Any:
    """A plain value, a trick, or a list of them; `inf` stands for the number that Python prints so.

    Raises:
        ValueError: it is none; as an InputError where it is written as a trick and is none.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return make_trick(ast.unparse(node), find_trick(node.func.id), *_values(node))
    if isinstance(node, ast.Tuple | ast.List):
        items = map(read_value, node.elts)
        return tuple(items) if isinstance(node, ast.Tuple) else list(items)
    return math.inf if isinstance(node, ast.Name) and node.id == "inf" else ast.literal_eval(node)


def _values(call: ast.Call) -> tuple[list[Any], dict[str, Any]]:
    if any(keyword.arg is None for keyword in call.keywords):
        raise ValueError("not by name")
    return list(map(read_value, call.args)), {str(word.arg): read_value(word.value) for word in call.keywords}
