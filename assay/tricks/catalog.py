"""All tricks, by hand: a trick exists for commands and recipe files when it stands here."""

from __future__ import annotations

import difflib

from assay.data.specification import Specification
from assay.errors import InputError
from assay.recipe import Recipe, RecipeError, Trick
from assay.tricks.average.ema import EMA
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.card import card
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal
from assay.tricks.model.dropout import Dropout
from assay.tricks.model.output_bias_init import OutputBiasInit
from assay.tricks.model.resnet_d import ResNetD
from assay.tricks.model.zero_gamma import ZeroGamma
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.stopping.early_stopping import EarlyStopping
from assay.tricks.target.label_smoothing import LabelSmoothing

TRICKS: tuple[type[Trick], ...] = (
    *(Flip, Crop, Cutout, Mixup, CutMix),
    *(LabelSmoothing, Focal, Flooding),
    *(ResNetD, ZeroGamma, OutputBiasInit, Dropout),
    *(WeightDecay, NoBiasDecay, LinearScaling),
    *(ConstantLR, LinearDecay, StepDecay, Cosine, OneCycle, Warmup),
    *(GradientClip, MixedPrecision, EMA, EarlyStopping),
)

IMAGE_TRICKS: tuple[type[Trick], ...] = (Flip, Crop, Cutout, CutMix)
"""These refuse vectors at the first batch, because a recipe does not know its inputs' shape."""


def find_trick(name: str) -> type[Trick]:
    """A trick class by its command-line name (`label-smoothing`) or class name, in any case.

    Raises:
        InputError: no such trick; names the closest, or all.
    """
    names = {card(trick).name: trick for trick in TRICKS}
    wanted = _plain(name)
    for known, trick in names.items():
        if wanted in (_plain(known), _plain(trick.__name__)):
            return trick
    close = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(sorted(names))}"
    raise InputError(f"there is no trick called {name!r}; {hint}")


def why_not(trick: Trick, recipe: Recipe, specification: Specification) -> str:
    """Why `trick` cannot join `recipe` on data of this kind; empty when it can."""
    if needs_images(trick, specification):
        return f"{type(trick).__name__} needs images; these inputs have shape {specification.input_shape}"
    try:
        _ = recipe | trick
    except RecipeError as error:
        return str(error)
    return ""


def require_fit(recipe: Recipe, specification: Specification) -> None:
    """Refuse a recipe for other data before anything is built or written.

    Raises:
        RecipeError: the loss is for another task, or a trick needs images and the inputs are none.
    """
    if recipe.task != specification.task:
        raise RecipeError(f"the loss {recipe.loss} is for {recipe.task}, the data is {specification.task}")
    unfit = [type(trick).__name__ for trick in recipe.tricks if needs_images(trick, specification)]
    if unfit:
        verb = "needs" if len(unfit) == 1 else "need"
        raise RecipeError(
            f"{', '.join(unfit)} {verb} images, these inputs have shape {specification.input_shape}; "
            f"take {'it' if len(unfit) == 1 else 'them'} out of the recipe"
        )


def needs_images(trick: Trick, specification: Specification) -> bool:
    """Whether the trick is for images only and the inputs are none."""
    return isinstance(trick, IMAGE_TRICKS) and not specification.is_image


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
