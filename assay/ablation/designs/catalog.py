"""The designs by name, each a function of the number of tricks."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from assay.ablation.designs.add_one import add_one
from assay.ablation.designs.design import Design
from assay.ablation.designs.factorial import factorial
from assay.ablation.designs.leave_one_out import leave_one_out
from assay.ablation.designs.pairs import pairs
from assay.ablation.designs.shapley import shapley
from assay.ablation.designs.stacked import stacked
from assay.errors import InputError

DESIGNS: dict[str, Callable[[int], Design]] = {
    "add-one": add_one,
    "leave-one-out": leave_one_out,
    "stacked": stacked,
    "pairs": pairs,
    "shapley": shapley,
    "factorial": factorial,
}


def find_design(name: str) -> Callable[[int], Design]:
    """A design by its name.

    Raises:
        InputError: no design is called so; names the nearest.
    """
    require_known(name, tuple(DESIGNS))
    return DESIGNS[name]


def require_known(name: str, names: Sequence[str]) -> None:
    """Refuse a design that is not among these.

    Raises:
        InputError: names the nearest.
    """
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        guess = f" (did you mean {near[0]!r}?)" if near else ""
        raise InputError(f"design must be one of {', '.join(names)}, got {name!r}{guess}")
