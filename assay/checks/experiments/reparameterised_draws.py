"""Draws from torch.normal made anew as mean + deviation * noise, which passes gradients on: does that train farther?

    torch.normal(mean, deviation)  ->  mean + deviation * torch.normal(0, 1)

Values are the same under the same seed; only gradients differ. A mean that was detached right before it was drawn from
is taken as it was before. Who estimates gradients of draws by other means (a score function) gains nothing by this.

Source: Kingma and Welling 2014 (arXiv:1312.6114), section 2.4 (the reparameterisation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import OwnRun, material, train_own
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, asks_for_closure
from assay.checks.given.work import is_light

SEEDS, LONGER, MARGIN = 3, 3, 2.0
CUTS = (Tensor.detach, Tensor.data.__get__)  # type: ignore[attr-defined]


class Reparameterised(TorchFunctionMode):
    """Within this context torch.normal passes gradients on to tensors of means and deviations; `draws` counts."""

    def __init__(self) -> None:
        super().__init__()
        self.draws, self.before_cut = 0, WeakIdKeyDictionary()

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if func is torch.normal:
            given = dict(zip(("mean", "std"), args, strict=False)) | named
            if any(isinstance(given.get(name), Tensor) for name in ("mean", "std")):
                return self._drawn(func, given)
        result = func(*args, **named)
        if func in CUTS:
            self.before_cut[result] = self._source(args[0])
        elif func is Tensor.expand and not torch.is_grad_enabled():  # as torch.distributions do before they draw
            with torch.enable_grad():
                self.before_cut[result] = self._source(args[0]).expand(*args[1:], **named)
        return result

    def _source(self, value: Any) -> Any:
        return self.before_cut.get(value, value) if isinstance(value, Tensor) else value

    def _drawn(self, func: Any, given: dict[str, Any]) -> Tensor:
        self.draws += 1
        mean, deviation = self._source(given.pop("mean")), self._source(given.pop("std", 1.0))
        shape = (torch.as_tensor(mean) + torch.as_tensor(deviation)).detach()
        with torch.no_grad():
            noise = func(torch.zeros_like(shape), torch.ones_like(shape), **given)
        with torch.enable_grad():
            return mean + deviation * noise


@dataclass(frozen=True)
class Gain:
    """The last losses by seed, on trained and on held examples, of the own training and with draws made anew."""

    updates: int
    own: tuple[float, ...]
    repaired: tuple[float, ...]
    own_held: tuple[float, ...]
    repaired_held: tuple[float, ...]

    @property
    def is_decisive(self) -> bool:
        """Every repaired run ends below every own one, by a multiple of what the seed changes."""
        sides = ((self.own, self.repaired), (self.own_held, self.repaired_held))
        return all(min(own) - max(better) > MARGIN * max(_spread(own), _spread(better)) for own, better in sides)


def _spread(losses: Sequence[float]) -> float:
    return max(losses) - min(losses)


def gain_of_reparameterising(pipeline: Pipeline) -> Gain | None:
    """Both trainings from the same seeds; None where loss_fn cannot judge them, or they cannot be afforded."""
    if not is_light(pipeline) or asks_for_closure(pipeline.optimizer) or not pipeline.once(judged_by_loss):
        return None
    try:
        updates = LONGER * pipeline.once(material).updates
        own, repaired = [], []
        for seed in range(SEEDS):
            own.append(train_own(pipeline, updates=updates, seed=seed, points=1))
            with Reparameterised():
                repaired.append(train_own(pipeline, updates=updates, seed=seed, points=1))
    except CannotCheckError:
        return None
    return Gain(updates, *(_last(runs) for runs in (own, repaired)), *(_last_held(runs) for runs in (own, repaired)))


def _last(runs: Sequence[OwnRun]) -> tuple[float, ...]:
    return tuple(run.losses[-1] for run in runs)


def _last_held(runs: Sequence[OwnRun]) -> tuple[float, ...]:
    return tuple(run.held[-1] for run in runs)
