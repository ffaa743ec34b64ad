"""What raises a network's capacity, for the hyperparameters that were searched: the book's table, as advice.

Source: Goodfellow et al. 2016, table 11.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assay.figure import Table


@dataclass(frozen=True)
class Effect:
    """raises: which way capacity grows. why, caveats: the table's own reasons."""

    raises: str
    why: str
    caveats: str


UNITS = Effect("increased", "more units represent more", "time and memory of nearly every operation grow")
DROPOUT = Effect("decreased", "units dropped less often conspire more to fit the training set", "-")
CAPACITY = {
    "learning_rate": Effect(
        "tuned",
        "a rate too high or too low leaves a network of low effective capacity, as optimisation fails",
        "not monotone: search it first",
    ),
    "weight_decay": Effect("decreased", "parameters are free to grow", "-"),
    "dropout": DROPOUT,
    "rate": DROPOUT,
    "hidden": UNITS,
    "width": UNITS,
    "widths": UNITS,
    "widen": UNITS,
    "kernel_size": Effect(
        "increased",
        "each layer has more parameters",
        "the output is narrower without padding; more memory and time",
    ),
    "padding": Effect("increased", "the representation stays large", "time and memory of most operations grow"),
}
"""By the name of the field; settings that the table does not have are not in it."""


def capacity_table(names: Iterable[str]) -> Table | None:
    """The rows of the settings that were searched; None where the book's table has none of them."""
    rows = [(name, effect) for name in names if (effect := _effect_of(name)) is not None]
    if not rows:
        return None
    return Table(
        "What raises capacity (Goodfellow et al. 2016, table 11.1)",
        ("hyperparameter", "raises capacity when", "why", "caveats"),
        tuple((name, one.raises, one.why, one.caveats) for name, one in rows),
    )


def _effect_of(name: str) -> Effect | None:
    kind, _, field = name.rpartition(".")
    return DROPOUT if "Dropout" in kind else CAPACITY.get(field)
