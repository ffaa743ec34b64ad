"""Parts of a recipe in a few words, `SGD(momentum=0.8)`, and as plain values for a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from assay.errors import RecipeError

LONGEST_NUMBER = 8
"""Characters of a number in a recipe's one line; longer ones were drawn by a search, not written by a person."""


OWN: Mapping[str, str] = {
    "model": """
    @dataclass(frozen=True)
    class MyModel:
        width: int = 64
        def build(self, input_shape, num_outputs): return ...  # a new torch module""",
    "loss": """
    @dataclass(frozen=True)
    class MyLoss:
        strength: float = 1.0
        def __call__(self, outputs, targets): return ...  # the mean over the batch""",
    "tricks": """
    @dataclass(frozen=True)
    class MyTrick:
        strength: float = 1.0
        def __call__(self, recipe): return recipe.add(...)""",
}
"""How a part of one's own is written, by the slot of the recipe."""


def part_to_dict(part: Any, slot: str = "") -> dict[str, Any]:
    """A frozen dataclass as its class name (`kind`) and its fields.

    Args:
        slot: of the recipe that it stands in, for the error to show what belongs there.
    Raises:
        RecipeError: the part is not a dataclass, so it cannot be written down.
    """
    if not is_dataclass(part) or isinstance(part, type):
        raise RecipeError(how_to_write(part, slot))
    if any(f.name == "kind" for f in fields(part)):
        raise RecipeError(f"{type(part).__name__} has a field called kind, which names the class in a file; rename it")
    return {"kind": type(part).__name__, **{f.name: _plain(getattr(part, f.name)) for f in fields(part) if f.init}}


def describe_part(part: Any) -> str:
    """`Name(field=value, ...)` with only the fields that differ from their defaults; long numbers are rounded."""
    if not is_dataclass(part):
        return getattr(part, "__name__", repr(part))
    shown = [
        f"{f.name}={describe_value(getattr(part, f.name))}"
        for f in fields(part)
        if f.init and getattr(part, f.name) != f.default
    ]
    return f"{type(part).__name__}({', '.join(shown)})"


def describe_value(value: Any) -> str:
    """As it is, but for a long number: of that, four significant digits; and for parts inside: each in a few words."""
    if inner_parts(value):
        inner = [describe_part(part) for part in inner_parts(value)]
        return f"({', '.join(inner)}{',' * (len(inner) == 1)})" if isinstance(value, tuple) else inner[0]
    text = repr(value)
    return f"{value:.4g}" if isinstance(value, float) and len(text) > LONGEST_NUMBER else text


def inner_parts(value: Any) -> tuple[Any, ...]:
    """The parts that a field of a part holds: itself, if it is one, or those of a tuple; none among plain values."""
    items = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in items if is_dataclass(item) and not isinstance(item, type))


def numbers_as_floats(value: Any) -> Any:
    """The same value with every whole number as a float: 5 and 5.0 are written alike."""
    if isinstance(value, dict):
        return {name: numbers_as_floats(item) for name, item in value.items()}
    if isinstance(value, list):
        return [numbers_as_floats(item) for item in value]
    return float(value) if type(value) is int else value


def how_to_write(part: Any, slot: str) -> str:
    """What a part must be; of a value only its class is named, since the text of a network is long."""
    name = getattr(part, "__name__", f"{type(part).__name__}(...)")
    rule = "make it a frozen dataclass of plain values, by which its results are found again"
    told = f"{slot}={name}" if slot else name
    return f"{told} cannot be written down; {rule}" + (f":\n{OWN[slot]}" if slot in OWN else "")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return part_to_dict(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
