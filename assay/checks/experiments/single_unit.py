"""Everything passes through one unit: with a shortcut around it, does the same training go decisively farther?

    narrow: linear layer to 1 unit,    wide: the next layer, from that unit to as many as went in
    repaired: wide(narrow(x)) + x, by the same weights and optimiser

One number can put classes in order, and two classes need no more; three and more without an order need more numbers.
Adapters of rank 1 and gates let the rest pass beside the unit, so it must be all that tells one example from another:
with a constant in its place, the outputs are the same for all.

A shortcut goes farther where it gains a decisive share of the way, or where at most a third of what the unit leaves
of the loss is left from any seed, and the unit leaves a part worth the name.

Source: Goodfellow et al. 2016, section 5.2 (capacity); He et al. 2016 (arXiv:1512.03385), section 3.1 (shortcuts).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import material, train_own
from assay.checks.experiments.progress import scale_of_progress
from assay.checks.experiments.repaired_training import LONGER, SEEDS, Contrast, Training, contrast
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light

FEWEST_CLASSES, EXAMPLES = 3, 8
LEFT, TIMES_LESS = 0.05, 3.0
ROUNDING = 1e-3  # of the usual distance between outputs


def single_unit(pipeline: Pipeline) -> tuple[str, Contrast] | None:
    """The name of the layer and the gain by a shortcut; None where there is no such layer, or no decisive gain."""
    if not pipeline.loss_kind.is_classification or pipeline.loss_kind.num_classes < FEWEST_CLASSES:
        return None
    for narrow, wide in _pairs(pipeline):
        if not _is_all_that_passes(pipeline, narrow):
            continue
        around = partial(train_own, edit=partial(_shortcut, narrow=narrow, wide=wide))
        found = contrast(pipeline, around) or _leaves_less(pipeline, around)
        if found is not None:
            return narrow, found
    return None


def _leaves_less(pipeline: Pipeline, around: Training) -> Contrast | None:
    """The long training by its remainders, which tell apart what both ways are nearly done with."""
    if not is_light(pipeline) or not pipeline.once(judged_by_loss):
        return None
    try:
        scale, updates = pipeline.once(scale_of_progress), LONGER * pipeline.once(material).updates
    except CannotCheckError:
        return None
    pairs: list[tuple[float, float]] = []
    for seed in range(SEEDS):
        through, beside = (scale.progress(way(pipeline, updates=updates, seed=seed)) for way in (train_own, around))
        if 1.0 - through < LEFT or 1.0 - beside > (1.0 - through) / TIMES_LESS:
            return None
        pairs.append((through, beside))
    return Contrast(updates, tuple(through for through, _ in pairs), tuple(beside for _, beside in pairs))


def _pairs(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Linear layers to one unit, each with the linear layer used right after it, if as much comes out as went in."""
    model = pipeline.evaluation_copy()
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    used: list[str] = []
    for name in names:
        model.get_submodule(name).register_forward_hook(lambda *_, name=name: used.append(name))
    with torch.no_grad():
        pipeline.forward(model, pipeline.examples(2))
    layers = {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    return [
        (first, second)
        for first, second in pairwise(used)
        if layers[first].out_features == layers[second].in_features == 1
        and layers[first].in_features == layers[second].out_features > 1
    ]


def _is_all_that_passes(pipeline: Pipeline, narrow: str) -> bool:
    model, batch = pipeline.evaluation_copy(), pipeline.examples(EXAMPLES)
    with torch.no_grad():
        usual = _spread(pipeline.outputs(model, batch))
        model.get_submodule(narrow).register_forward_hook(_silent)
        return _spread(pipeline.outputs(model, batch)) <= ROUNDING * usual


def _silent(module: nn.Module, inputs: tuple[Any, ...], outputs: Tensor) -> Tensor:
    return torch.zeros_like(outputs)


def _spread(outputs: Tensor) -> float:
    """The largest distance of an example's outputs from the first one's."""
    return float((outputs - outputs[:1]).abs().max())


def _shortcut(model: nn.Module, *, narrow: str, wide: str) -> None:
    entered: list[Any] = []
    model.get_submodule(narrow).register_forward_pre_hook(lambda module, inputs: entered.append(inputs[0]))
    model.get_submodule(wide).register_forward_hook(lambda module, inputs, outputs: outputs + entered.pop())
