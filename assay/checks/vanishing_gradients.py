"""Vanishing gradients: the first layers must not get a thousandth of what the last ones get.

    ratio = size of the first layers' gradient / size of the last ones', size = root mean square

Saturating activations without shortcuts or norms shrink the gradient at every layer.

Out of the usual, it is told; it alerts only if the same training goes decisively farther with ReLU in place of hidden
sigmoids and tanhs, in as many updates, and not from weights drawn anew alone, which initialization_scale tells.

Source: Hochreiter 1991; Glorot and Bengio 2010, section 4; Goodfellow et al. 2016, section 8.2.5.
"""

from __future__ import annotations

import math
from functools import partial

from torch import nn

from assay.checks.experiments.first_steps import first_steps
from assay.checks.experiments.gradient_depth import ends_of_depth, figures_of, sizes_by_depth
from assay.checks.experiments.overfit_repairs import last_activation
from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.redraws import draw_anew, redrawn_contrast
from assay.checks.experiments.repaired_training import Contrast, contrast
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import is_light
from assay.finding import Finding

SOURCE = "Glorot and Bengio 2010, section 4; Goodfellow et al. 2016, section 8.2.5"
LOWEST = 1e-3
BOUNDED = (nn.Sigmoid, nn.Tanh, nn.Softsign, nn.Hardsigmoid, nn.Hardtanh)


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the gradients of the first layers with those of the last, over a few steps."""
    measured = pipeline.once(first_steps)
    sizes = sizes_by_depth(pipeline, measured)
    if not all(math.isfinite(size) for size in sizes.values()):
        raise CannotCheckError("gradients are not finite; see exploding_gradients")
    first, last = ends_of_depth(sizes)
    if last == 0 and first == 0:
        raise CannotCheckError("all gradients are 0; see parameters_trained")
    ratio = first / last if last else math.inf
    names = list(sizes)
    text = f"The first layers' gradient is {_told(ratio)} of the last ones'"
    text += f" ({names[0]} to {names[-1]}, {len(names)} layers, {len(measured.steps) - 1} steps)."
    evidence = {"ratio": ratio if math.isfinite(ratio) else "infinite", "layers": sizes}
    cause, fix = _VANISHING if ratio < LOWEST else ("", "")
    unsaturated = _unsaturated_contrast(pipeline) if cause else None
    if unsaturated is not None:
        told = unsaturated.told("with ReLU in place of hidden sigmoids and tanhs")
        text += f" They hold the training back: {told}."
        evidence |= {"updates": unsaturated.updates, "own": unsaturated.own, "with_relu": unsaturated.repaired}
    level = "note" if unsaturated is None else "suspect"
    return [Finding("vanishing_gradients", level, text, evidence, cause, fix, SOURCE, figures_of(measured, sizes))]


def _unsaturated_contrast(pipeline: Pipeline) -> Contrast | None:
    """The own training with activations that do not saturate, where these are what makes the difference."""
    last = last_activation(pipeline, pipeline.examples(2))
    bounded = [name for name, module in pipeline.model.named_modules() if isinstance(module, BOUNDED) and name != last]
    if not bounded or not is_light(pipeline) or pipeline.once(redrawn_contrast) is not None:
        return None

    def unsaturate(model: nn.Module) -> None:
        for name in bounded:
            model.set_submodule(name, nn.ReLU())
        draw_anew(model)

    return contrast(pipeline, partial(train_own, edit=unsaturate))


def _told(ratio: float) -> str:
    return f"{ratio:.2g}" if math.isfinite(ratio) else "infinitely many times that"


_VANISHING = (
    "The gradient shrinks at every layer: saturating activations, small first weights, or depth without shortcuts.",
    "Use ReLU-like activations with He's first weights, normalisation, residual connections, or gated recurrent cells.",
)
