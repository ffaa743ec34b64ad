"""The same network with weights drawn anew: what its design does, whatever its present weights.

Every module that can draw its own weights does so as PyTorch draws them by default; other parameters stay. Modules
that only hold others have none of their own: what they would make of these is the very design that is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from torch import nn

from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.repaired_training import Contrast, contrast
from assay.checks.given.pipeline import Pipeline


def draw_anew(model: nn.Module) -> None:
    """PyTorch's own first weights for every layer that has them, those of attention among them."""
    for module in model.modules():
        if (draw := own_draw(module)) is not None:
            draw()


def own_draw(module: nn.Module) -> Callable[[], object] | None:
    """What draws the module's own weights; None where it has none, or cannot."""
    draw = getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)
    return draw if callable(draw) and any(True for _ in module.parameters(recurse=False)) else None


def redrawn_models(pipeline: Pipeline, count: int) -> Iterator[nn.Module]:
    """Copies in training mode without dropout, one after the other, each with weights of its own."""
    for number in range(count):
        model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
        pipeline.seed_for(f"redraw {number}")
        draw_anew(model)
        yield model


def redrawn_contrast(pipeline: Pipeline) -> Contrast | None:
    """The own training from PyTorch's own first weights; look at it with `pipeline.once`."""
    return contrast(pipeline, partial(train_own, edit=draw_anew))
