"""Which file of the class folders is image i of CIFAR-10: published judgements name images by their place.

Files are numbered within their class, in the original order; `cifar10-label-order.npz` has the class of each of the
50,000 training and 10,000 test images in that order, and so tells the place of each file.

Source: the labels are CIFAR-10's own (Krizhevsky 2009), in its order, as kept for training images beside CIFAR-10N
(Wei et al. 2022, arXiv:2110.12088) and for test images beside Northcutt et al. 2021 (arXiv:2103.14749).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LABELS = Path(__file__).with_name("cifar10-label-order.npz")


def labels_in_order(split: str) -> np.ndarray:
    """The class of each image of `train` or `test`, in the original order."""
    with np.load(LABELS) as labels:
        return labels[split].astype(np.int64)


def ids_in_order(split: str) -> list[str]:
    """The file of each image of `train` or `test`, in the original order: `test/cat/0000.jpg` is test image 0."""
    labels = labels_in_order(split)
    numbers = np.empty(len(labels), dtype=np.int64)
    for label in range(len(CLASSES)):
        places = np.flatnonzero(labels == label)
        numbers[places] = np.arange(len(places))
    return [
        f"{split}/{CLASSES[label]}/{number:04d}.jpg"
        for label, number in zip(labels.tolist(), numbers.tolist(), strict=True)
    ]
