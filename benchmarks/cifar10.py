"""All of CIFAR-10 as published results use it: 50,000 images to train on, judged on the 10,000 test images.

Nothing is chosen by what the test images say: arms, lengths and seeds are fixed before the first training.
"""

from __future__ import annotations

import os
from dataclasses import replace

import torch

from assay.data.data import Data
from assay.data.open import open_data
from assay.data.split import Split


def load_cifar10() -> Data:
    """Train on all training images; `validation` holds the test images.

    `ASSAY_CIFAR_ZIP` may name a zip of class folders (train/CLASS/*.jpg, test/CLASS/*.jpg); without it the data set
    is looked for as `assay run cifar10` does.
    """
    data = open_data(os.environ.get("ASSAY_CIFAR_ZIP") or "cifar10")
    return replace(data, train=joined(data.train, data.validation), validation=data.test)


def joined(first: Split, second: Split) -> Split:
    """One split after the other."""
    return Split(
        torch.cat([first.gather(torch.arange(len(first))), second.gather(torch.arange(len(second)))]),
        torch.cat([first.targets, second.targets]),
        (*first.ids, *second.ids),
    )
