"""Weight decay strength: what the decay takes from the weights in the planned training, and whether learning survives.

    decoupled, or SGD:  weights shrink by  product over steps of (1 - rate * decay)      where no gradient holds them
    pull = decay * |weights| / |gradient|              how the decay compares with the loss's own gradient (L2 forms)

A penalty on the weights that the user's step adds to the loss is decay too, and is found in its gradients.
A magnitude, so it only notes, unless an experiment decides: the same short training by the user's own step, with and
without decay. A network that learns without it, from every seed, and gets nowhere with it is decayed too strongly.

Source: Loshchilov and Hutter 2019 (arXiv:1711.05101), section 2; Krogh and Hertz 1991.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from assay.checks.experiments.own_step import first_update, flat, judged_by_loss
from assay.checks.experiments.own_training import material, own_run, peak_rates, train_own
from assay.checks.experiments.progress import DECISIVE, NOWHERE, scale_of_progress
from assay.checks.experiments.repaired_training import LONGER, contrast
from assay.checks.experiments.schedule_run import planned_steps
from assay.checks.experiments.updates import held_parameters
from assay.checks.experiments.written_decay import WrittenDecay, written_decay
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.checks.given.work import is_light
from assay.finding import Finding

SOURCE = "Loshchilov and Hutter 2019 (arXiv:1711.05101), section 2"
SEEDS, MOST_UPDATES, SHRINKINGS = 3, 400, 3.0
STRONG_PULL = 1.0
ADAPTIVE_L2 = (torch.optim.Adam, torch.optim.NAdam, torch.optim.RAdam, torch.optim.RMSprop, torch.optim.Adagrad)


@dataclass(frozen=True)
class Strength:
    """Of the parameters under the strongest decay: its rate, per step and against the gradient."""

    rate: float
    decay: float
    decoupled: bool
    pull: float

    @property
    def per_step(self) -> float:
        return self.rate * self.decay


def check(pipeline: Pipeline) -> CheckResult:
    """Say how strong the decay is; where it may outweigh the loss, train with and without it."""
    written = written_decay(pipeline)
    by_hand = [] if written is None else [_by_hand(pipeline, written)]
    if not any(float(group.get("weight_decay", 0.0) or 0.0) for group in pipeline.optimizer.param_groups):
        if not by_hand:
            raise CannotCheckError("no parameter is decayed")
        return by_hand
    strength = strength_of(pipeline)
    evidence = {"rate": strength.rate, "weight_decay": strength.decay, "per_step": strength.per_step}
    evidence |= {"decoupled": strength.decoupled, "pull": strength.pull, **_planned(pipeline, strength)}
    evidence["adaptive"] = isinstance(pipeline.optimizer, ADAPTIVE_L2) and not strength.decoupled
    acting = min(MOST_UPDATES, evidence.get("planned_steps", MOST_UPDATES))
    is_strong = strength.pull > STRONG_PULL or strength.per_step * acting > 1.0
    alert = _experiment(pipeline, strength, evidence) if is_strong else None
    return [*by_hand, alert or _note(strength, evidence, is_strong=is_strong)]


def _by_hand(pipeline: Pipeline, written: WrittenDecay) -> Finding:
    """A penalty in the user's step; where it outweighs the loss, train by the plain step too, which has none."""
    text = f"The training step adds a decay of {written.decay:.3g} to the loss (a penalty of {written.decay / 2:.3g} "
    text += f"times the sum of squares), {written.pull:.2g} of the gradient's norm"
    evidence: dict[str, Any] = {"written_decay": written.decay, "pull": written.pull}
    is_strong = written.pull > STRONG_PULL
    found = contrast(pipeline, partial(train_own, plain_step=True), is_judged=True) if is_strong else None
    if found is None:
        cause, fix = ("The penalty outweighs the gradient of the loss.", "Lower it.") if is_strong else ("", "")
        return Finding("weight_decay_strength", "note", f"{text}.", evidence, cause, fix, SOURCE)
    return Finding(
        "weight_decay_strength",
        "suspect",
        f"{text}, and undoes the learning: {found.told('without it')}.",
        {**evidence, "updates": found.updates, "own": found.own, "without": found.repaired},
        cause="The penalty on the weights is too strong: it pulls them to 0 faster than the loss can hold them.",
        fix="Lower the penalty's factor, usually to 1e-4 ... 5e-4, or leave it to the optimiser's weight_decay.",
        source=SOURCE,
    )


def material_updates(pipeline: Pipeline) -> int:
    """Updates of a short training."""
    return pipeline.once(material).updates


def strength_of(pipeline: Pipeline) -> Strength:
    """The strongest decay among the parameter groups, at the peak rate."""
    rates, trial = pipeline.once(peak_rates)[0], pipeline.trial()
    gradient = None if asks_for_closure(pipeline.optimizer) else pipeline.once(first_update).gradient
    weights = flat(held_parameters(trial))
    place, found = 0, []
    for group, rate in zip(trial.optimizer.param_groups, rates, strict=True):
        size = sum(parameter.numel() for parameter in group["params"])
        part = slice(place, place + size)
        place += size
        decay = float(group.get("weight_decay", 0.0) or 0.0)
        if not decay or not size:
            continue
        decoupled = _is_decoupled(pipeline.optimizer, group)
        norm = 0.0 if gradient is None else float(gradient[part].norm())
        pull = decay * float(weights[part].norm()) / norm if norm > 0 and not decoupled else 0.0
        found.append(Strength(rate, decay, decoupled, pull))
    return max(found, key=lambda strength: (strength.pull, strength.per_step))


def _is_decoupled(optimizer: Any, group: dict[str, Any]) -> bool:
    return bool(group.get("decoupled_weight_decay", False)) or "AdamW" in type(optimizer).__name__


def _planned(pipeline: Pipeline, strength: Strength) -> dict[str, Any]:
    try:
        steps = planned_steps(pipeline, "step")
    except CannotCheckError:
        return {}
    base = 1.0 - strength.per_step
    return {"planned_steps": steps, "left_without_gradient": math.exp(steps * math.log(base)) if base > 0 else 0.0}


def _experiment(pipeline: Pipeline, strength: Strength, evidence: dict[str, Any]) -> Finding | None:
    """Train with and without decay, long enough for the decay to act; None unless only the decay is in the way."""
    if asks_for_closure(pipeline.optimizer) or not pipeline.once(judged_by_loss):
        return None
    try:
        scale = pipeline.once(scale_of_progress)
    except CannotCheckError:
        return None
    updates = material_updates(pipeline)
    if not is_light(pipeline):
        if scale.progress(pipeline.once(own_run)) >= NOWHERE:
            return None
    elif strength.per_step > 0:
        updates = min(MOST_UPDATES, max(LONGER * updates, math.ceil(SHRINKINGS / strength.per_step)))
    pairs = []
    for seed in range(SEEDS):
        decayed, free = (train_own(pipeline, updates=updates, decay_factor=f, seed=seed) for f in (1.0, 0.0))
        if _last(decayed, scale) >= NOWHERE or scale.progress(free) < DECISIVE:
            return None
        pairs.append((decayed.losses[-1], free.best))
    told = {**evidence, "updates": updates, "reference": scale.reference, "floor": scale.floor}
    return _alert(strength, {**told, "with_decay": [a for a, _ in pairs], "without_decay": [b for _, b in pairs]})


def _last(run: Any, scale: Any) -> float:
    """Progress at the end: decay takes back what was learned first."""
    return (scale.reference - run.losses[-1]) / max(scale.reference - scale.floor, 1e-12)


def _words(strength: Strength) -> str:
    text = (
        f"weight decay {strength.decay:g} at rate {strength.rate:g} takes {strength.per_step:.2g} of the weights a step"
    )
    return text if strength.decoupled or not strength.pull else f"{text}, {strength.pull:.2g} of the gradient's norm"


def _alert(strength: Strength, evidence: dict[str, Any]) -> Finding:
    return Finding(
        "weight_decay_strength",
        "suspect",
        f"Weight decay undoes the learning: in {evidence['updates']} updates of the own step the loss ends at "
        f"{min(evidence['with_decay']):.3g} or more with it and comes to {max(evidence['without_decay']):.3g} or less "
        f"without (best constant output {evidence['reference']:.3g}, {SEEDS} seeds each); {_words(strength)}.",
        evidence,
        cause="The decay is too strong: it pulls the weights to 0 faster than the loss can hold them.",
        fix="Lower weight_decay, usually to 1e-4 ... 5e-4 for SGD and 0.01 ... 0.1 for AdamW.",
        source=SOURCE,
    )


def _note(strength: Strength, evidence: dict[str, Any], *, is_strong: bool) -> Finding:
    left = evidence.get("left_without_gradient")
    text = f"The {_words(strength)}"
    text += f"; {left:.2g} of a weight that gets no gradient is left at the end" if left is not None else ""
    cause = "The decay outweighs the gradient of the loss." if is_strong else ""
    fix = "Lower weight_decay." if is_strong else ""
    if not is_strong and evidence["adaptive"]:
        fix = "In Adam an L2 term is divided by the gradients' size; AdamW decays all weights alike."
    return Finding("weight_decay_strength", "note", f"{text}.", evidence, cause, fix, SOURCE)
