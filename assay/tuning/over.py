"""A space as one writes it: `learning_rate=1e-4:1e-1`, `weight_decay=0:0.1:linear`, `batch_size=32,64,128`.

Rates are on a log scale unless it says `:linear`, all else on a linear one unless it says `:log`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

from assay.errors import InputError
from assay.optimizers import RATES
from assay.plain_types import describe_type, fit_value
from assay.recipe import Recipe
from assay.tuning.setting import Setting, find_setting
from assay.tuning.space import Choice, Dimension, Space, Span

SCALES = {"log": True, "linear": False}


def read_space(texts: Sequence[str], recipe: Recipe) -> Space:
    """The dimensions that `texts` name.

    Raises:
        InputError: not of that form; an unknown setting, one named twice, or one that a trick of the recipe fixes;
            bounds the wrong way round, or a value that the part refuses. Begins with the text.
    """
    space: dict[str, Dimension] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not (name.strip() and equals and values.strip()):
            raise InputError(f"--over {text!r} must be NAME=LOW:HIGH or NAME=VALUE,VALUE, as learning_rate=1e-4:1e-1")
        try:
            setting = find_setting(recipe, name.strip())
            if setting.name in space:
                raise InputError(f"{setting.name} is named twice; name it once")
            space[setting.name] = read_dimension(setting, values.strip())
            require_open(recipe, setting, space[setting.name])
        except InputError as error:
            raise InputError(f"--over {text}: {error}") from error
    return space


def read_dimension(setting: Setting, text: str) -> Dimension:
    """A span or a choice of what the field can hold.

    Raises:
        InputError: it cannot hold these values, or see `Span` and `Choice`.
    """
    if ":" not in text:
        return Choice(tuple(fit_value(value, setting.hint, setting.name) for value in read_values(text)))
    low, high, *rest = (part.strip() for part in text.split(":"))
    if len(rest) > 1 or (rest and rest[0] not in SCALES):
        raise InputError(f"after the bounds there can be :log or :linear, got :{':'.join(rest)}")
    kinds = _kinds(setting.hint)
    if not kinds & {int, float}:
        raise InputError(f"{setting.name} is {describe_type(setting.hint)}, which has no bounds; list values: A,B,C")
    log = SCALES[rest[0]] if rest else setting.field in RATES
    return Span(_number(low), _number(high), log, whole=float not in kinds)


def read_values(text: str) -> list[Any]:
    """Plain values between commas; what is no Python value is a word."""
    try:
        return list(ast.literal_eval(f"[{text}]"))
    except (ValueError, SyntaxError):
        return [_plain(part.strip()) for part in text.split(",")]


def require_open(recipe: Recipe, setting: Setting, dimension: Dimension) -> None:
    """Refuse values that the recipe's parts refuse, and a setting whose value no training would use.

    Raises:
        InputError: with the part's own words, or with the name of the trick that fixes it.
    """
    tried = [_put(recipe, setting, value) for value in dimension.points(2)]
    holder = recipe.holder(f"{setting.place}.{setting.field}")
    over_time = setting.field == "momentum" and recipe.holder("momentum_schedule")
    if holder is None or (len({repr(setting.in_effect(one)) for one in tried}) > 1 and holder != over_time):
        return
    own = next((kind for kind in recipe.tricks if type(kind).__name__ == holder), None)
    argument = f"; search {holder}.{setting.field} instead" if hasattr(own, setting.field) else ""
    raise InputError(
        f"{holder} fixes it, so that drawn values would change nothing{argument or '; take the trick out'}"
    )


def _put(recipe: Recipe, setting: Setting, value: Any) -> Recipe:
    try:
        return setting.put(recipe, value)
    except ValueError as error:
        raise InputError(str(error)) from error


def _kinds(hint: Any) -> set[Any]:
    return set(get_args(hint)) if get_origin(hint) in (Union, UnionType) else {hint}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"bounds must be numbers, got {text!r}") from None


def _plain(text: str) -> Any:
    words = {"true": True, "false": False}
    try:
        return words[text.lower()] if text.lower() in words else ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
