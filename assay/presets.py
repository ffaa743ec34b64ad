"""Named recipes with provenance: the setting, who published it with what result, and what we changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from assay.errors import InputError
from assay.optimizers import SGD, Adam
from assay.recipe import Recipe
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.stopping.early_stopping import EarlyStopping


@dataclass(frozen=True)
class Preset:
    """One named recipe.

    published: the result its source reports, or why there is none; deviations: where the recipe
    differs from its source, or fills in what the source leaves open.
    """

    name: str
    recipe: Recipe
    published: str
    source: str
    deviations: tuple[str, ...] = ()


OPEN_VALUES = "the source leaves model, batch size and number of epochs open; here: a perceptron, 128 and 10"

PRESETS = (
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


def find_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        InputError: there is none; names the closest, or all.
    """
    names = {preset.name: preset for preset in PRESETS}
    if name in names:
        return names[name]
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(names)}"
    raise InputError(f"there is no preset called {name!r}; {hint}")
