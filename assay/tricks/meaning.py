"""What a trick's arguments mean: read from its class's docstring, which writes `name: meaning; name, name: meaning`.

Arguments that many tricks share are explained once, here, and in a docstring only where it says more.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, dataclass, fields
from typing import Any

from assay.parts import describe_value, inner_parts

SHARED = {
    "learning_rate": "length of the steps, at least 0",
    "momentum": "share of the last direction that is kept, in [0, 1)",
    "second_moment": "memory of squared gradients, in [0, 1)",
    "weight_decay": "pull of the weights to 0, at least 0, which is off",
    "of": "what is scheduled: learning_rate, momentum, weight_decay, batch_size or resolution",
    "nesterov": "look ahead along the velocity",
}


@dataclass(frozen=True)
class Argument:
    """One argument of a trick; default: as one writes it."""

    name: str
    default: str
    meaning: str


def arguments(kind: type) -> tuple[Argument, ...]:
    """All arguments of a trick class, in order.

    Raises:
        ValueError: the class's docstring leaves one out.
    """
    known = [field for field in fields(kind) if field.init]
    said = read_meanings(inspect.cleandoc(kind.__doc__ or ""), [field.name for field in known])
    missing = [field.name for field in known if field.name not in said | SHARED]
    if missing:
        raise ValueError(f"the docstring of {kind.__name__} must say `{missing[0]}: ...`, what it means")
    return tuple(Argument(field.name, default_of(field), (SHARED | said)[field.name]) for field in known)


def expression(kind: type) -> str:
    """The trick with its defaults, as one writes it: `Mixup(alpha=0.2)`."""
    return f"{kind.__name__}({', '.join(f'{one.name}={one.default}' for one in arguments(kind))})"


def read_meanings(text: str, names: list[str]) -> dict[str, str]:
    """What follows each `name: ` or `name, name: `, up to the next one."""
    if not names:
        return {}
    one = rf"(?:{'|'.join(map(re.escape, names))})"
    pieces = re.split(rf"(?<![\w`])({one}(?:, {one})*): ", " ".join(text.split()))
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    return {name: meaning.strip(" ;.") for together, meaning in pairs for name in together.split(", ")}


def default_of(field: Any) -> str:
    """The default of a dataclass's field, as one writes it; of a trick in it only what is not a default itself."""
    default = field.default if field.default is not MISSING else field.default_factory()
    return describe_value(default) if inner_parts(default) else repr(default)
