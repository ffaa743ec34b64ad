"""Beats the prior: after a short training, unseen examples must be told better than by the best constant output.

    gain = (loss of the best constant on held examples - lowest loss there) / (that constant's loss - floor)

Weak signals need longer trainings, so no gain alone is only told. It is suspect where a counterfactual gains: the same
optimiser with the plain step (then the training step is at fault), or a linear model on the same examples while the
network cannot even fit the ones that it trains on (then the network is).

Source: Karpathy 2019, A Recipe for Training Neural Networks (dumb baselines); Goodfellow et al. 2016, section 11.2.
"""

from __future__ import annotations

import math
from typing import Any

from assay.checks.experiments.linear_probe import Probe, linear_probe
from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import OwnRun, material, own_run, train_own
from assay.checks.experiments.progress import Scale, held_scale, scale_of_progress
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.checks.given.work import is_light
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks; Goodfellow et al. 2016, section 11.2"
GAIN, PROBE_GAIN = 0.1, 0.3
SOME, DECISIVE = 0.15, 0.6  # chance alone moves the loss of few classes by a twentieth
FACTORS, PLAIN_RATES, PATIENCE, SEEDS = (1.0, 10.0, 0.1, 100.0), (3e-3, 3e-2, 3e-4), 5, 2


def check(pipeline: Pipeline) -> CheckResult:
    """Judge the own short training on held examples; without a gain, look for who would gain."""
    if not pipeline.loss_kind.has_floor:
        raise CannotCheckError("how low this loss can go is not known")
    own, held = pipeline.once(own_run), pipeline.once(held_scale)
    if held.gap <= 1e-2 * max(abs(own.held[0]), abs(held.reference)):
        raise CannotCheckError("the best constant output is at the floor of the loss on the held examples")
    told = {"own training": own.best_held, "best constant output": held.reference, "floor": held.floor}
    if held.share(own.best_held) >= GAIN:
        return [_note(told, own, f"beats the best constant output on examples held out: {_numbers(own, held)}")]
    return [_explained(pipeline, own, held, told) or _note(told, own, _not_yet(own, held))]


def _explained(pipeline: Pipeline, own: OwnRun, held: Scale, told: dict[str, float]) -> Finding | None:
    if not is_light(pipeline) or not pipeline.once(judged_by_loss):
        return None
    try:
        scale = pipeline.once(scale_of_progress)
    except CannotCheckError:
        return None
    if scale.progress(own) >= SOME:  # it learns the examples, and does not yet carry over to others
        return None
    if pipeline.training_step is not None and not asks_for_closure(pipeline.optimizer):
        found = _step_at_fault(pipeline, scale, told)
        if found is not None:
            return found
    return _network_at_fault(pipeline, scale, held, told)


def _step_at_fault(pipeline: Pipeline, scale: Scale, told: dict[str, float]) -> Finding | None:
    """The own step gets nowhere at any rate, and the plain step does with the same optimiser."""
    updates = pipeline.once(material).updates * 2
    plain = None
    for factor in FACTORS:
        if scale.progress(train_own(pipeline, rate_factor=factor, updates=updates)) >= SOME:
            return None
        runs = [train_own(pipeline, rate_factor=factor, updates=updates, plain_step=True, seed=s) for s in range(SEEDS)]
        if plain is None and all(scale.progress(run) >= DECISIVE for run in runs):
            plain = runs[0]
    if plain is None:
        return None
    return _alert({**told, "plain step": plain.best_held}, "the plain step with the same optimiser", *_STEP)


def _network_at_fault(pipeline: Pipeline, scale: Scale, held: Scale, told: dict[str, float]) -> Finding | None:
    """No training fits the network to its examples, and a linear model tells unseen ones."""
    try:
        probe: Probe = pipeline.once(linear_probe)
    except CannotCheckError:
        return None
    if held.share(probe.held) < PROBE_GAIN:
        return None
    updates = pipeline.once(material).updates * PATIENCE
    for rate in PLAIN_RATES:
        run = train_own(pipeline, plain_rate=rate, updates=updates)
        if scale.progress(run) >= SOME or held.share(run.best_held) >= GAIN:
            return None
    return _alert({**told, "linear model": probe.held}, "a linear model on the same inputs", *_NETWORK)


_STEP = (
    "The training step: the same network and optimiser learn by zero_grad, forward, loss, backward, step.",
    "Compare training_step with the plain one: what it does to inputs, targets, the loss and the gradients.",
)
_NETWORK = (
    "The network loses what its inputs say, or no gradient trains it: not even its training examples are fitted.",
    "Look at overfit_one_batch and parameters_trained, and follow one example through forward.",
)


def _numbers(own: OwnRun, held: Scale) -> str:
    return (
        f"loss {own.best_held:.3g} against the constant's {held.reference:.3g}, within {own.updates[-1]} updates "
        f"(floor {held.floor:.3g})"
    )


def _not_yet(own: OwnRun, held: Scale) -> str:
    return (
        "does not yet beat the best constant output on examples held out, as happens with weak signals or so few "
        f"updates: {_numbers(own, held)}"
    )


def _figure(told: dict[str, float]) -> Bars:
    finite = {name: value for name, value in told.items() if math.isfinite(value)}
    return Bars("Loss on examples held out", tuple(finite), tuple(finite.values()), "loss")


def _note(told: dict[str, float], own: OwnRun, words: str) -> Finding:
    evidence: dict[str, Any] = {**told, "updates": own.updates[-1]}
    figures = (_figure(told),)
    return Finding(
        "beats_prior_baseline", "note", f"Your own training {words}.", evidence, source=SOURCE, figures=figures
    )


def _alert(told: dict[str, float], better: str, cause: str, fix: str) -> Finding:
    *_, (_, value) = told.items()
    text = (
        f"Your own training learns nothing that carries over: held-out loss {told['own training']:.3g}, best constant "
        f"output {told['best constant output']:.3g}, while {better} comes to {value:.3g}."
    )
    return Finding("beats_prior_baseline", "suspect", text, told, cause, fix, SOURCE, (_figure(told),))
