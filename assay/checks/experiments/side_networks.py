"""Networks that the training step asks and the model's answers do not need, such as a teacher: who learns, from whom?

    side networks = modules that the step calls - modules that forward calls

A side network that gives the classes of its examples is a teacher where it knows the labels beyond doubt before any
training. It should be asked about the examples of its student, in their order, and it should stay as it is: where the
gradients that it gets are the same under other labels, nothing but its distance from the student moves it. Auxiliary
heads learn from labels, critics give no classes, and learned priors know no labels at the start.

Source: Hinton et al. 2015 (arXiv:1503.02531), section 2: the student matches the answers of a model that is fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.cross_prediction import Agreement, agreement
from assay.checks.experiments.updates import held_parameters
from assay.checks.given.batches import map_tensors, split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import example_hashes
from assay.checks.given.pipeline import Pipeline, Trial
from assay.checks.given.work import few_examples

DEVIATIONS, FEWEST, EXAMPLES = 4.0, 16, 128
SAME = 1e-4


@dataclass
class Asked:
    """What a module was given and what it said, at each call; the first gradient of each of its parameters."""

    given: list[Tensor] = field(default_factory=list)
    said: list[Tensor] = field(default_factory=list)
    gradients: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One call of the training step: the model's own answers before it, and what side networks were asked in it."""

    batch: Any
    labels: Tensor
    answers: Tensor
    asked: dict[str, Asked]


@dataclass(frozen=True)
class Teacher:
    """A side network that knows the labels.

    knows: agreement of its answers with the labels of the examples that it was asked about.
    seems: agreement with the labels in the order in which it was asked.
    student: agreement of the model's own answers.
    astray: in the order in which it was asked it knows decisively less.
    learns: the optimiser moves it, and labels have no part in how.
    """

    name: str
    knows: Agreement
    seems: Agreement
    student: Agreement
    astray: bool
    learns: bool


def teachers(pipeline: Pipeline) -> list[Teacher]:
    """Side networks that know the labels better than the model does, beyond doubt; look with `pipeline.once`.

    Raises:
        CannotCheckError: there is no training step, or targets are not one class for each example.
    """
    if pipeline.training_step is None or not pipeline.loss_kind.is_classification:
        raise CannotCheckError("needs a training step of classes")
    steps: list[Step] = []
    for batch in pipeline.batches:
        steps.append(_step(pipeline, few_examples(pipeline, batch)))
        if sum(len(step.labels) for step in steps) >= EXAMPLES:
            break
    names = [name for name in steps[0].asked if all(name in step.asked for step in steps)]
    found = [_teacher(pipeline, name, steps) for name in names]
    return [teacher for teacher in found if teacher is not None]


def _step(pipeline: Pipeline, batch: Any) -> Step:
    labels = pipeline.targets(batch)
    if not isinstance(labels, Tensor) or labels.dim() != 1 or labels.is_floating_point() or len(labels) < FEWEST:
        raise CannotCheckError("targets are not one class for each of a few examples")
    model = pipeline.evaluation_copy()
    with torch.no_grad():
        answers: list[Tensor] = []
        needed = _listen(model, lambda: answers.append(pipeline.outputs(model, batch)))
    return Step(batch, labels.cpu(), answers[0], _asked_in_step(pipeline, batch, set(needed)))


def _asked_in_step(pipeline: Pipeline, batch: Any, needed: set[str]) -> dict[str, Asked]:
    """The outermost modules that one call of the step asks and forward does not."""
    trial = pipeline.trial()
    pipeline.seed_for("side networks")
    asked = _listen(trial.model, lambda: trial.step(batch))
    side = {name for name in asked if name and name not in needed}
    side = {name for name in side if not any(name.startswith(f"{other}.") for other in side)}
    return {name: asked[name] for name in sorted(side) if any(True for _ in _module(trial, name).parameters())}


def _module(trial: Trial, name: str) -> nn.Module:
    return trial.model.get_submodule(name)


def _listen(model: nn.Module, call: Callable[[], Any]) -> dict[str, Asked]:
    """What every module is asked during the call, by name."""
    asked: dict[str, Asked] = {}

    def hear(name: str) -> Callable[..., None]:
        def record(module: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
            entry = asked.setdefault(name, Asked())
            if arguments and isinstance(arguments[0], Tensor) and isinstance(output, Tensor):
                entry.given.append(arguments[0].detach())
                entry.said.append(output.detach())

        return record

    def learn(name: str) -> Callable[[Tensor], None]:
        owner, _, own = name.rpartition(".")

        def record(parameter: Tensor) -> None:
            for place in _outwards(owner):
                if place in asked and parameter.grad is not None:
                    asked[place].gradients.setdefault(f"{owner}.{own}", parameter.grad.detach().clone())

        return record

    handles = [module.register_forward_hook(hear(name)) for name, module in model.named_modules()]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            handles.append(parameter.register_post_accumulate_grad_hook(learn(name)))
    try:
        call()
    finally:
        for handle in handles:
            handle.remove()
    return asked


def _outwards(name: str) -> list[str]:
    """A module's name and those of all that hold it, but the model itself."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _teacher(pipeline: Pipeline, name: str, steps: list[Step]) -> Teacher | None:
    orders = [_order_asked(pipeline, step, step.asked[name]) for step in steps]
    if any(order is None for order in orders):
        return None
    labels = torch.cat([step.labels for step in steps])
    said = [step.asked[name].said[0].argmax(1).cpu() for step in steps]
    own = [answers[order] for answers, order in zip(said, orders, strict=True)]
    knows, seems = agreement(torch.cat(own), labels), agreement(torch.cat(said), labels)
    student = agreement(torch.cat([step.answers.argmax(1).cpu() for step in steps]), labels)
    if knows.within(DEVIATIONS)[0] <= student.within(DEVIATIONS)[1]:
        return None
    astray = seems.within(DEVIATIONS)[1] < knows.within(DEVIATIONS)[0]
    return Teacher(name, knows, seems, student, astray, _moves_without_labels(pipeline, name, steps[0]))


def _order_asked(pipeline: Pipeline, step: Step, asked: Asked) -> Tensor | None:
    """Place of each example of the batch among those asked; None where it was not asked just once about them all."""
    size = len(step.labels)
    inputs = [tensor for tensor in tensors_in(pipeline.inputs(step.batch)) if tensor.dim() and len(tensor) == size]
    if len(asked.said) != 1 or len(inputs) != 1 or step.answers.dim() != 2:
        return None
    return _order(inputs[0], asked.given[0]) if step.answers.shape == asked.said[0].shape else None


def _order(own: Tensor, given: Tensor) -> Tensor | None:
    """Where each of its own rows is among those given; None where they are not the same rows, or some are equal."""
    if own.shape != given.shape:
        return None
    places = {row: place for place, row in enumerate(example_hashes(given, len(given)))}
    rows = example_hashes(own, len(own))
    if set(rows) != set(places) or len(places) < len(rows):
        return None
    return torch.tensor([places[row] for row in rows])


def _moves_without_labels(pipeline: Pipeline, name: str, step: Step) -> bool:
    """Whether the optimiser holds it, and its gradients are the same under other labels."""
    trial, before = pipeline.trial(), step.asked[name].gradients
    held = {id(parameter) for parameter in held_parameters(trial)}
    targets = split_batch(step.batch)[1]
    changed = map_tensors(lambda tensor: tensor.roll(1, 0) if tensor is targets else tensor, step.batch)
    if held.isdisjoint(map(id, _module(trial, name).parameters())) or torch.equal(split_batch(changed)[1], targets):
        return False
    pipeline.seed_for("side networks")
    after = _listen(trial.model, lambda: trial.step(changed))[name].gradients
    if before.keys() != after.keys() or not any(bool(gradient.any()) for gradient in before.values()):
        return False
    return all(torch.allclose(before[key], after[key], rtol=SAME, atol=1e-9) for key in before)
