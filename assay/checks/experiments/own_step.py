"""The first update of the user's own step beside the gradient of the user's own loss, at the same weights.

    change = weights after - weights before,    gradient = d loss_fn / d weights

The optimiser starts without memory and without weight decay, so that nothing but this update's gradients moves it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.own_training import peak_rates, set_rates
from assay.checks.experiments.updates import MOST_CALLS, gradients_of, held_parameters, wide
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, Trial
from assay.checks.given.work import few_examples

SAME_DIRECTION = 0.9
CLAIMED = 0.25


@dataclass(frozen=True)
class FirstUpdate:
    """One update and what loss_fn says of it.

    returned: what the step returned at each call, nan where that is no number.
    losses: loss_fn on the same batches with the same weights and random state.
    used: the gradients that the optimiser stepped from, or None where it does not tell.
    """

    batches: tuple[Any, ...]
    returned: tuple[float, ...]
    losses: tuple[float, ...]
    gradient: Tensor
    used: Tensor | None
    change: Tensor

    @property
    def alignment(self) -> float:
        """Cosine of the gradients that were used with those of loss_fn."""
        return math.nan if self.used is None else cosine(self.used, self.gradient)

    @property
    def slope(self) -> float:
        """Cosine of the change with the gradient of loss_fn: below 0 the loss falls."""
        return cosine(self.change, self.gradient)

    @property
    def claims_the_loss(self) -> bool:
        """The step returns the value of loss_fn, or minus it, so it means to minimise that."""
        pairs = list(zip(self.returned, self.losses, strict=True))
        close = [abs(abs(value) - abs(loss)) <= CLAIMED * abs(loss) for value, loss in pairs]
        return bool(close) and all(close)

    @property
    def means_the_loss(self) -> bool:
        """Whether experiments with this step may be judged by loss_fn: two-network training may not."""
        unmoved = self.used is not None and not bool(self.used.any())
        return abs(self.alignment) >= 0.5 or self.claims_the_loss or unmoved


def cosine(left: Tensor, right: Tensor) -> float:
    """Cosine of the angle between two vectors; 0 where one of them is 0."""
    size = float(left.norm() * right.norm())
    return float(left @ right) / size if size > 0 else 0.0


def first_update(pipeline: Pipeline) -> FirstUpdate:
    """The first update on the first sampled batches; look at it with `pipeline.once`."""
    return update_at(pipeline, 0)


def judged_by_loss(pipeline: Pipeline) -> bool:
    """Whether loss_fn is what the training minimises, as far as one update tells."""
    if pipeline.training_step is None:
        return True
    try:
        return pipeline.once(first_update).means_the_loss
    except CannotCheckError:
        return False


def update_at(pipeline: Pipeline, number: int) -> FirstUpdate:
    """The first update on the sampled batches from `number` on.

    Raises:
        CannotCheckError: no update within 64 calls, or gradients that are not finite.
    """
    batches = [few_examples(pipeline, batch) for batch in pipeline.batches[number:] + pipeline.batches[:number]]
    try:
        parts = _make(pipeline, batches, forget=True)
    except KeyError:  # an optimiser that makes its memory when it is made, and cannot do without
        parts = _make(pipeline, batches, forget=False)
    calls, returned, used, change = parts
    losses, gradient = _gradient(pipeline, [batches[call % len(batches)] for call in range(calls)])
    if not bool(torch.isfinite(gradient).all() and torch.isfinite(change).all()):
        raise CannotCheckError("gradients are not finite")
    seen = tuple(batches[call % len(batches)] for call in range(calls))
    return FirstUpdate(seen, tuple(returned), losses, gradient, used, change)


def starting_trial(pipeline: Pipeline, *, forget: bool = True) -> Trial:
    """A copy at its peak rate, without schedule, weight decay or the optimiser's memory."""
    trial = pipeline.trial()
    trial.scheduler = None
    set_rates(trial, pipeline.once(peak_rates)[0])
    for group in trial.optimizer.param_groups:
        if "weight_decay" in group:
            group["weight_decay"] = 0.0
    if forget and not isinstance(trial.optimizer, torch.optim.Adagrad):
        trial.optimizer.state.clear()
    return trial


def _make(
    pipeline: Pipeline, batches: Sequence[Any], *, forget: bool
) -> tuple[int, list[float], Tensor | None, Tensor]:
    trial = starting_trial(pipeline, forget=forget)
    held = held_parameters(trial)
    before, used, returned = flat(held), [], []
    register = getattr(trial.optimizer, "register_step_post_hook", None)
    if register is not None:
        register(lambda *_: used.append(gradients_of(held)))
    pipeline.seed_for("own step")
    for call in range(MOST_CALLS):
        returned.append(number_of(trial.step(batches[call % len(batches)])))
        change = flat(held) - before
        if used or bool(change.any()):
            return call + 1, returned, used[0] if used else None, change
    raise CannotCheckError(f"training_step made no update of the weights within {MOST_CALLS} calls")


def _gradient(pipeline: Pipeline, batches: Sequence[Any]) -> tuple[tuple[float, ...], Tensor]:
    trial = starting_trial(pipeline)
    held = held_parameters(trial)
    losses: list[float] = []
    pipeline.seed_for("own step")
    for parameter in trial.model.parameters():
        parameter.grad = None
    for batch in batches:
        loss = pipeline.loss(trial.model, batch)
        if not loss.requires_grad:
            raise CannotCheckError("loss_fn gives no gradient")
        loss.backward()
        losses.append(float(loss.detach()))
    return tuple(losses), gradients_of(held)


def loss_along(pipeline: Pipeline, update: FirstUpdate, multiples: Sequence[float]) -> tuple[float, ...]:
    """loss_fn at the weights before the update plus each multiple of its change, random state alike."""
    trial = starting_trial(pipeline)
    held = held_parameters(trial)
    start, found = [parameter.detach().clone() for parameter in held], []
    for multiple in multiples:
        place = 0
        with torch.no_grad():
            for parameter, before in zip(held, start, strict=True):
                part = update.change[place : place + before.numel()].view(before.shape)
                parameter.copy_(before.cpu() + multiple * part)
                place += before.numel()
            pipeline.seed_for("own step")
            found.append(sum(float(pipeline.loss(trial.model, batch)) for batch in update.batches))
    return tuple(loss / len(update.batches) for loss in found)


def flat(parameters: Sequence[nn.Parameter]) -> Tensor:
    """All values in one vector on the processor, in single precision at least."""
    return torch.cat([wide(parameter.detach().flatten().cpu()) for parameter in parameters])


def number_of(value: Any) -> float:
    """A loss as a float; nan for anything that is no single number."""
    if isinstance(value, Tensor) and value.numel() == 1:
        return float(value.detach())
    return float(value) if isinstance(value, (int, float)) else math.nan
