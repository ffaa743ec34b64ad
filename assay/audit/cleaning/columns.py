"""What a member that is no network sees: features of pictures, columns of anything else.

Pictures are described by `picture_features`, 128 numbers that unrelated pictures differ in; pixels as they are would
let a line see little more than who has a bright sky. Labels play no part in it, so all examples may be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assay.audit.similar.picture_features import SIDE, fit_picture_features, make_miniatures
from assay.data.loader import raw_batches
from assay.data.specification import Specification
from assay.data.split import Split

CHUNK = 1024
MOST_FITTED = 20_000
"""Pictures whose principal components are taken; more change them little."""


def columns_of(split: Split, specification: Specification, *, seed: int = 0) -> Float[np.ndarray, "n columns"]:
    """A row of numbers for each example; what is not finite becomes 0."""
    if specification.is_image and specification.input_shape[0] in (1, 3):
        return _picture_columns(split, specification, seed)
    values = [chunk.float().flatten(1) for chunk in _chunks(split)]
    return torch.nan_to_num(torch.cat(values), nan=0.0, posinf=0.0, neginf=0.0).numpy()


def _picture_columns(split: Split, specification: Specification, seed: int) -> Float[np.ndarray, "n columns"]:
    channels, height, width = specification.input_shape
    shape = (channels, min(SIDE, height), min(SIDE, width))
    miniatures = torch.cat([make_miniatures(torch.nan_to_num(chunk.float()))[0].half() for chunk in _chunks(split)])
    some = np.random.default_rng(seed).permutation(len(miniatures))[:MOST_FITTED]
    features = fit_picture_features(miniatures[torch.from_numpy(some)].float(), shape)
    return torch.cat([features.describe(part.float()) for part in miniatures.split(CHUNK)]).numpy()


def _chunks(split: Split) -> Iterator[Tensor]:
    return raw_batches(split, torch.arange(len(split)).split(CHUNK))
