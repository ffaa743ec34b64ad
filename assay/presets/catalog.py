"""All presets, and how one is found."""

from __future__ import annotations

import difflib

from assay.errors import InputError
from assay.presets.adversarial import ADVERSARIAL
from assay.presets.cifar import CIFAR
from assay.presets.imagenet import IMAGENET
from assay.presets.preset import Preset
from assay.presets.starting_points import STARTING_POINTS

PRESETS: tuple[Preset, ...] = (*STARTING_POINTS, *IMAGENET, *CIFAR, *ADVERSARIAL)


def find_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        InputError: there is none; names the closest.
    """
    names = {preset.name: preset for preset in PRESETS}
    written = name.lower().replace("_", "-").replace(" ", "-")
    if written in names:
        return names[written]
    close = difflib.get_close_matches(written, names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else "`assay presets` lists them"
    raise InputError(f"there is no preset called {name!r}; {hint}")
