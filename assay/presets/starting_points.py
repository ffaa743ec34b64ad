"""Recipes to start from, before anything is known."""

from __future__ import annotations

from assay.optimizers import SGD, Adam
from assay.presets.preset import Preset
from assay.recipe import Recipe
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.stopping.early_stopping import EarlyStopping

OPEN_VALUES = "the source leaves model, batch size and number of epochs open; here: a perceptron, 128 and 10"

STARTING_POINTS = (
    Preset(
        name="karpathy-baseline",
        recipe=Recipe(optimizer=Adam(learning_rate=3e-4)) | ConstantLR(),
        published="none: a starting point",
        source="Karpathy 2019, A Recipe for Training Neural Networks: Adam at 3e-4, constant rate, no augmentation, "
        "no decay",
        deviations=(OPEN_VALUES,),
    ),
    Preset(
        name="book-baseline",
        recipe=Recipe(optimizer=SGD(learning_rate=0.1, momentum=0.9, nesterov=False))
        | LinearDecay(end_factor=0.01)
        | EarlyStopping(),
        published="none: a starting point",
        source="Goodfellow et al. 2016, sections 8.3.1 and 11.2: SGD with momentum 0.9, linear decay to 1 % of the "
        "first rate, early stopping",
        deviations=(
            OPEN_VALUES,
            "the source leaves the first learning rate and the patience open; here: 0.1, and EarlyStopping's default",
        ),
    ),
)
