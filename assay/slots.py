"""What the slots of a recipe hold: pure functions, and three small protocols for what must remember."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.errors import InputError, RecipeError
from assay.schedule import Clock

InputEdit = Callable[[Tensor, Tensor, torch.Generator, Clock], Tensor]
"""(raw inputs (batch, ...), indices (batch,) of the examples in the training split, generator,
clock) -> inputs of the same shape, before normalisation. The batch may be changed in place: it is
the feed's own copy. Indices let an edit treat one example differently from epoch to epoch."""

BatchEdit = Callable[[Tensor, Tensor, torch.Generator, Clock], tuple[Tensor, Tensor]]
"""(normalised inputs, target distributions, generator, clock) -> both, changed together."""

TargetEdit = Callable[[Tensor], Tensor]
"""target distributions (batch, classes) -> target distributions; rows still sum to 1."""

LossEdit = Callable[[Tensor], Tensor]
"""mean loss of the batch -> the scalar that is differentiated."""

ModelEdit = Callable[[nn.Module, Specification], nn.Module]
"""The network to go on with: the freshly built one changed in place, or a wrapper around it. Its random draws
come from torch's seeded global state. A saved model is rebuilt by the same edits, so what an edit leaves
must depend on nothing but the network and the specification."""

FirstWeights = Callable[[nn.Module, Specification, Any], None]
"""(the network after all its edits, specification, the whole recipe): sets first weights in place by what other tricks
of the recipe make of the network's answers, wherever they stand."""

NetworkCheck = Callable[[nn.Module, Specification], None]
"""Refuses the finished network, before anything is trained, when a trick could not work with it. It leaves no trace."""

Calibration = Callable[[nn.Module, Tensor], None]
"""(model, the first batch's normalised inputs): changes weights in place once, before the first step."""

Forward = Callable[[nn.Module, Tensor, Tensor, torch.Generator, Clock], tuple[Tensor, Tensor]]
"""(model, inputs, target distributions, generator, clock) -> (outputs, targets), in place of `model(inputs)`.
Called again within a step (by SAM) it gets the same generator state, so it draws the same."""

Penalty = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]
"""(model, inputs, outputs, targets) -> a scalar that is added to the loss after its edits."""

Sampler = Callable[[Tensor, int, int], Tensor]
"""(targets of the training split, seed, epoch) -> (n,) indices in the order the epoch shows them."""


@runtime_checkable
class WeightEdit(Protocol):
    """Changes weights after each update; `state` holds what it must remember, for checkpoints.

    at_moments: it acts at moments of the clock, and would miss them if it were left out, as others are, after a step
    that a loss scale skipped.
    """

    at_moments: ClassVar[bool]

    def start(self, model: nn.Module) -> dict[str, Tensor]: ...
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None: ...


@runtime_checkable
class Average(Protocol):
    """Follows the weights over training and gives the network to evaluate and ship.

    `build` gets a maker of fresh networks of the recipe (in evaluation mode) and a source of normalised
    training batches, for averages that must measure their own statistics. at_moments: as for a `WeightEdit`.
    """

    at_moments: ClassVar[bool]

    def start(self, model: nn.Module) -> dict[str, Tensor]: ...
    def update(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> dict[str, Tensor]: ...
    def build(
        self, state: dict[str, Tensor], fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
    ) -> nn.Module: ...


@runtime_checkable
class Feedback(Protocol):
    """Scales the learning rate by what was seen on the validation split, looked at once an epoch."""

    def start(self) -> dict[str, Any]: ...
    def observe(self, state: dict[str, Any], value: float) -> dict[str, Any]: ...
    def factor(self, state: dict[str, Any]) -> float: ...


ParameterRule = Callable[[nn.Module, str, nn.Parameter], Mapping[str, float]]
"""(owning module, parameter name inside it, parameter) -> optimiser settings for this parameter, under the names
PyTorch has for them, or `learning_rate_factor` and `weight_decay_factor`."""

GradientEdit = Callable[[list[nn.Parameter]], None]
"""Changes `.grad` of the parameters in place, between backward and the optimiser's step."""


@dataclass(frozen=True)
class NamedEdit:
    """What a trick does to a network or asks of it; a refusal begins with the trick's name."""

    by: str
    edit: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        """As the edit.

        Raises:
            RecipeError: the edit refused.
        """
        try:
            return self.edit(*arguments)
        except InputError as error:
            message = str(error)
            raise RecipeError(message if message.startswith(self.by) else f"{self.by}: {message}") from error
