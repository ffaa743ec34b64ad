"""The order in which tricks change a network: its own, so that a stack gives one network in whatever order it is put.

    recipe.add(model_edits=at("norms", swap))

Of one phase, the trick whose name comes first in the alphabet acts first: there any order would do, as long as
random numbers are drawn in the same one each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from assay.slots import NamedEdit

Phase = Literal[
    "first convolution",  # made anew for other channels, so before anything is done to it
    "norms",
    "activations",
    "weights",  # drawn, of the layers that are there by now
    "biases",  # and what else starts at a constant; found by the layers around them, so before others come between
    "layers",  # put in or wrapped; edits that name no phase act here
    "computed weights",  # which begin from the weights that were drawn
    "contrast of inputs",  # layers in front, in the order in which inputs meet them
    "whitening of inputs",
    "dropout of inputs",
    "patches of inputs",
    "size of inputs",  # outside the layers in front: all of them see the small image
    "trained parameters",  # of all the layers there are
    "scale of outputs",
    "shift of outputs",  # by log frequencies, which a scale must not touch
    "answers",
    "gradients of inputs",  # as they enter the whole network
    "fit to inputs",  # the first batch is seen from here on
    "sizes of weights",
]
"""What is done to a network, first to last."""


@dataclass(frozen=True)
class Phased:
    """An edit that acts in its phase."""

    phase: Phase
    edit: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        """As the edit."""
        return self.edit(*arguments)


def at(phase: Phase, edit: Callable[..., Any]) -> Phased:
    """For tricks: the edit of a network, or the calibration, in the phase in which it acts."""
    return Phased(phase, edit)


def in_order(edits: Iterable[NamedEdit]) -> tuple[NamedEdit, ...]:
    """The edits as they act, whatever the order of the stack."""
    return tuple(sorted(edits, key=lambda named: (get_args(Phase).index(phase_of(named.edit)), named.by)))


def phase_of(edit: Callable[..., Any]) -> Phase:
    """When an edit acts."""
    return edit.phase if isinstance(edit, Phased) else "layers"
