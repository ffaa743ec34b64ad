"""Stage 3: grow the model until it fits its own training data; a net that cannot has a bug.

The recipe is the safe one: Adam at 3e-4, constant rate, no augmentation, no regularisation. The
loss is measured on the very examples it trained on, against its floor.

Source: Karpathy 2019, sections "overfit" and "set up the end-to-end skeleton".
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from assay.data.data import Data
from assay.data.split import Split
from assay.evaluation import evaluate
from assay.figure import Lines, Series
from assay.finding import Finding, Report, Skipped
from assay.losses import loss_for
from assay.models.builder import ModelBuilder
from assay.optimizers import Adam
from assay.randomness import generator_for
from assay.recipe import Recipe, describe_part
from assay.training.train import Training

TOLERANCE, FEWEST_STEPS = 0.05, 300
"""Loss that counts as fitted, and steps before which a loss that does not fall is no evidence yet."""
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks: overfit; Adam 3e-4 is his safe choice."


@dataclass(frozen=True)
class Fit:
    """How far one size got: training loss after each look, and whether it came near the floor."""

    model: str
    parameters: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    value: float
    seconds: float

    @property
    def fitted(self) -> bool:
        return self.loss <= TOLERANCE

    @property
    def loss(self) -> float:
        """At the last look."""
        return self.losses[-1] if self.losses else math.inf

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Fit:
        return cls(**{**values, "steps": tuple(values["steps"]), "losses": tuple(values["losses"])})


FitSize = Callable[[ModelBuilder], Fit]


def overfit(sizes: Sequence[ModelBuilder], fit: FitSize, *, time_is_left: Callable[[], bool] = lambda: True) -> Report:
    """Try `sizes`, smallest first, until one fits its training data.

    Args:
        fit: trains one size; see `fit_on`.
        time_is_left: asked before each size after the first; sizes without time are skipped and listed.
    """
    started, fits = time.perf_counter(), []
    untried: Sequence[ModelBuilder] = ()
    for number, size in enumerate(sizes):
        if number and not time_is_left():
            untried = sizes[number:]
            break
        fits.append(fit(size))
        if fits[-1].fitted:
            break
    skipped = tuple(Skipped(describe_part(size), "budget") for size in untried)
    finding = conclude(fits, all_tried=not skipped)
    return Report("overfit", (finding,), skipped, time.perf_counter() - started)


def fit_on(
    data: Data, *, seed: int = 0, examples: int = 1000, seconds: float = 10.0, looks: int = 12,
    device: str | torch.device | None = None,
) -> FitSize:  # fmt: skip
    """A `FitSize` on a seeded sample of the training split, for at most `seconds` a size."""
    order = torch.randperm(len(data.train), generator=generator_for(seed, "overfit"))
    sample = data.train.select(order[:examples])
    return lambda model: fit_size(model, data, sample, seed=seed, seconds=seconds, looks=looks, device=device)


def fit_size(
    model: ModelBuilder, data: Data, sample: Split, *, seed: int, seconds: float, looks: int,
    device: str | torch.device | None = None,
) -> Fit:  # fmt: skip
    """Train one size on `sample` until it fits or time is up."""
    specification = data.specification
    loss = loss_for(specification.task)
    recipe = Recipe(
        model=model, loss=loss, optimizer=Adam(learning_rate=3e-4), batch_size=min(64, len(sample)), epochs=1000
    )
    small = Data(data.name, specification, sample, sample, sample)
    training = Training(recipe, small, seed=seed, device=device, evaluations=1)
    started, due = time.perf_counter(), 0.0
    steps, losses, value = [], [], 0.0
    for step in training:
        elapsed = time.perf_counter() - started
        if elapsed < due and elapsed < seconds and training.step < training.total_steps:
            continue
        due += seconds / looks
        seen = evaluate(training.learner.model, sample, specification, device=training.device)
        steps.append(step.number + 1)
        losses.append(seen.loss)
        value = seen.value
        if seen.loss <= TOLERANCE or elapsed >= seconds:
            break
    parameters = sum(p.numel() for p in training.learner.model.parameters())
    return Fit(describe_part(model), parameters, tuple(steps), tuple(losses), value, time.perf_counter() - started)


def conclude(fits: Sequence[Fit], *, all_tried: bool = True) -> Finding:
    """Say which size sufficed, or what to suspect: nothing, while larger sizes wait for their turn."""
    curves = (Series(f"{fit.parameters:,} parameters", tuple(map(float, fit.steps)), fit.losses) for fit in fits)
    figure = Lines("Training loss while growing the model", "step", "training loss", tuple(curves), log_y=True)
    evidence = {fit.model: {"parameters": fit.parameters, "loss": round(fit.loss, 4), "steps": fit.steps[-1],
                            "training_metric": round(fit.value, 4)} for fit in fits}  # fmt: skip
    last = fits[-1]
    if last.fitted:
        summary = (
            f"{last.model} ({last.parameters:,} parameters) fits its training sample: loss {last.loss:.3f} "
            f"after {last.steps[-1]} steps. The model is big enough and the pipeline can learn."
        )
        return Finding("capacity", "note", summary, evidence, source=SOURCE, figures=(figure,))
    falling = len(last.losses) > 2 and last.loss < 0.9 * last.losses[len(last.losses) // 2]
    if falling or last.steps[-1] < FEWEST_STEPS or not all_tried:
        summary = (
            f"No size reached loss {TOLERANCE} in the time given; {last.model} is at {last.loss:.3f} after "
            f"{last.steps[-1]} {'step' if last.steps[-1] == 1 else 'steps'}{' and still falling' if falling else ''}. "
            f"{'' if all_tried else 'Larger sizes had no time. '}"
            f"Capacity is not shown to suffice, and not shown to lack."
        )
        return Finding("capacity", "note", summary, evidence, source=SOURCE, figures=(figure,))
    summary = f"No size fits its own training data: {last.model} stops at loss {last.loss:.3f}, floor 0."
    return Finding(
        "capacity", "suspect", summary, evidence,
        cause="Labels that the inputs do not determine (noise, equal inputs with different labels), inputs that lost "
              "their signal on the way, or a model still too small.",
        fix="Look at the conflicting labels and at the exact network inputs above; then try a larger model.",
        source=SOURCE, figures=(figure,),
    )  # fmt: skip
