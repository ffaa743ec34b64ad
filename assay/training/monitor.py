"""Samples what the monitors see of a training, at a few of its steps, and leaves the training as it is.

A sampled step is the training's own: no pass is added, nothing is drawn at random, and what watches it is gone
before the next. Which steps are sampled depends on how long they take; the weights do not depend on it.

Source: Goodfellow et al. 2016, section 11.5 (histograms of activations and gradients, size of updates).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from assay.loop import Learner, Step
from assay.monitors.gradients import measure_gradients, total_norm
from assay.monitors.magnitudes import measure_magnitudes
from assay.monitors.update_ratios import measure_update_ratios, weights_now
from assay.training.first_pass import FirstPass, thin
from assay.training.sample import TrainingSample

MOST_SAMPLES, LEAST_APART = 20, 10
MOST_SHARE, LEAST_SECONDS = 0.015, 0.004
"""Of the seconds of all steps, what samples may add; and what the first one is taken to cost.

A sample adds a hundredth of a step to a slow network's and several steps to a fast one's, which is sampled less often.
"""

MOST_LAYERS, BATCHES_TO_DIE = 12, 4


class TrainingMonitor:
    """Watches the sampled steps of one learner.

    recent: of the last sampled batches, their examples and which units were alive; for a checkpoint.
    """

    def __init__(self, learner: Learner) -> None:
        self.model, self.recent = learner.model, list[dict[str, Any]]()
        self.gradients = GradientView(learner.model)
        # First of all edits: a clipped norm would say nothing.
        learner.gradient_edits = (self.gradients, *learner.gradient_edits)

    def follow(
        self, steps: Iterator[Step], first: int, total_steps: int, samples: list[TrainingSample]
    ) -> Iterator[Step]:
        """The steps themselves, from number `first` on; what is seen at sampled ones is added to `samples`."""
        due, toll = next_sample(total_steps, samples), Toll()
        while True:
            is_sampled = 0 <= due <= first and toll.is_affordable
            started = time.perf_counter()
            step = self._sampled(steps, samples) if is_sampled else next(steps, None)
            toll.pay(time.perf_counter() - started, is_sampled=is_sampled)
            if step is None:
                return
            if is_sampled:
                due = next_sample(total_steps, samples)
            first += 1
            yield step

    def _sampled(self, steps: Iterator[Step], samples: list[TrainingSample]) -> Step | None:
        """The next step, and a sample of it."""
        before, look = weights_now(self.model.named_parameters()), FirstPass(self.model)
        with look, self.gradients:
            step = next(steps, None)
        if step is not None:
            ratios = measure_update_ratios(before, self.model.named_parameters())
            samples.append(self._sample(step.number, look, ratios))
        return step

    def _sample(self, number: int, look: FirstPass, ratios: dict[str, float]) -> TrainingSample:
        alive = {one.name: one.alive for one in look.activities if one.alive is not None}
        self.recent = [*self.recent, {"examples": look.examples, "alive": alive}][-BATCHES_TO_DIE:]
        return TrainingSample(
            number, self.gradients.norm, rounded(ratios), rounded(dead_shares(self.recent)),
            sum(batch["examples"] for batch in self.recent),
            rounded({one.name: one.saturated for one in look.activities if one.saturated is not None}),
            magnitudes(look.outputs), magnitudes(self.gradients.thinned),
        )  # fmt: skip

    def state(self) -> list[dict[str, Any]]:
        """For a checkpoint."""
        return self.recent

    def restore(self, recent: Sequence[Mapping[str, Any]]) -> None:
        """Go on from a checkpoint."""
        self.recent = [dict(batch) for batch in recent]


class GradientView:
    """A gradient edit that changes nothing, and looks at the gradients of the steps inside its block.

    norm: of all of them as one vector. thinned: some values of each weight matrix's. Of a step that edits several
    times, the first is seen.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model, self.norm, self.thinned = model, math.nan, dict[str, Tensor]()
        self._is_open = False

    def __enter__(self) -> None:
        self.norm, self.thinned, self._is_open = math.nan, {}, True

    def __exit__(self, *raised: Any) -> None:
        self._is_open = False

    def __call__(self, parameters: list[nn.Parameter]) -> None:
        if not self._is_open:
            return
        self._is_open = False
        named = list(self.model.named_parameters())
        matrices = {name: p.grad for name, p in named if p.grad is not None and p.dim() > 1 and not p.grad.is_sparse}
        self.norm = total_norm(measure_gradients(named))
        self.thinned = {name: thin(matrices[name]) for name in evenly(list(matrices))}


@dataclass
class Toll:
    """What samples cost: the seconds that sampled steps took beyond others."""

    plain: float = 0.0
    steps: int = 0
    paid: float = 0.0
    last: float = LEAST_SECONDS

    @property
    def is_affordable(self) -> bool:
        """Whether one more sample would keep within `MOST_SHARE`."""
        return self.paid + self.last <= MOST_SHARE * self.plain

    def pay(self, seconds: float, *, is_sampled: bool) -> None:
        """Count one step."""
        if is_sampled:
            self.last = max(0.0, seconds - self.plain / max(1, self.steps))
            self.paid += self.last
        else:
            self.plain, self.steps = self.plain + seconds, self.steps + 1


def next_sample(total_steps: int, samples: Sequence[TrainingSample]) -> int:
    """The number of the next step to sample: what is left of the training is divided evenly, and its last step ends it.

    A training that is made longer or shorter on its way has the same number of samples, in other places; -1 when
    none is left, or the training is too short for one.
    """
    left = min(MOST_SAMPLES, total_steps // LEAST_APART) - len(samples)
    done = samples[-1].step + 1 if samples else 0
    return done + max(1, round((total_steps - done) / left)) - 1 if left > 0 and done < total_steps else -1


def dead_shares(recent: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Share of each activation's units that were alive in none of these batches."""
    shares = {}
    for name, alive in recent[-1]["alive"].items():
        for batch in recent[:-1]:
            other = batch["alive"].get(name)
            alive = alive | other if other is not None and other.shape == alive.shape else alive
        shares[name] = float((~alive).float().mean()) if len(alive) else 0.0
    return shares


def magnitudes(tensors: Mapping[str, Tensor]) -> dict[str, list[float]]:
    """Histograms of the sizes of values, of at most `MOST_LAYERS` tensors."""
    found = {name: measure_magnitudes(tensors[name]) for name in evenly(list(tensors))}
    return {name: [round(share, 4) for share in one.shares] for name, one in found.items()}


def evenly(names: Sequence[str]) -> list[str]:
    """The first, the last, and evenly spaced ones between them, at most `MOST_LAYERS`."""
    places = {round((len(names) - 1) * place / (MOST_LAYERS - 1)) for place in range(MOST_LAYERS)} if names else set()
    return [names[place] for place in sorted(places)]


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Four significant digits are more than anybody can see, and keep checkpoints small."""
    return {name: float(f"{value:.4g}") for name, value in values.items()}
