"""What a training is a function of, comparable between recipes that tricks have filled in another order."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from assay.recipe import Recipe

NOTES = ("tricks", "filled_by", "needs", "baseline_")
"""Of which tricks a recipe is made, and what they ask of it: nothing that acts in a training by its order."""


def parts_of(recipe: Recipe) -> dict[str, Any]:
    """What fills each slot; equal parts make the same training."""
    return {slot.name: parts(getattr(recipe, slot.name)) for slot in fields(recipe) if slot.name not in NOTES}


def parts(value: Any) -> Any:
    """Functions that are made anew for each recipe, such as partial ones and closures, by what they are made of."""
    if isinstance(value, partial):
        return value.func, parts(value.args), parts(value.keywords)
    if isinstance(value, MethodType):
        return value.__func__, parts(value.__self__)
    if isinstance(value, FunctionType) and "<locals>" in value.__qualname__:
        held = [parts(cell.cell_contents) for cell in value.__closure__ or ()]
        return value.__code__, parts(value.__defaults__), parts(value.__kwdefaults__), held
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), {field.name: parts(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: parts(item) for key, item in value.items()}
    return [parts(item) for item in value] if isinstance(value, tuple | list) else value
