"""Handwritten digits: 1,797 real 8x8 images that come with scikit-learn, so nothing is downloaded.

Source: Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits (UCI, test part).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch

from assay.data.encoders import ImageEncoder
from assay.data.examples import Examples, Options

HIGHEST = 16
"""The data set counts ink from 0 to 16."""


def read_digits(options: Options) -> Examples:
    """All digits as (1797, 1, 8, 8) bytes; 0..16 is stretched to 0..255."""
    options.refuse("digits", "target", "group", "size", "skip_bad", "impute")
    table = torch.from_numpy(np.loadtxt(digits_file(), delimiter=","))
    ink = table[:, :-1].reshape(-1, 8, 8).mul(255 / HIGHEST).round().to(torch.uint8)
    return Examples(
        name="digits",
        task="classification",
        inputs=ink.unsqueeze(1),
        targets=table[:, -1].to(torch.int64),
        ids=tuple(f"digits/{index}" for index in range(len(ink))),
        encoder=ImageEncoder(channels=1, height=8, width=8),
        classes=tuple(str(digit) for digit in range(10)),
    )


def digits_file() -> Path:
    """The table in the installed scikit-learn, found without importing it: that takes a second and more."""
    found = importlib.util.find_spec("sklearn")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
