"""Class numbers in place of rows of targets, as in most loops, are refused by the functions that mix or smooth rows."""

import inspect

import pytest
import torch

from assay.tricks.batch.cutmix import cutmix
from assay.tricks.batch.mixup import mixup
from assay.tricks.batch.mosaic import mosaic
from assay.tricks.target.label_smoothing import smooth_targets

IMAGES, NUMBERS, PARTNER = torch.zeros(3, 1, 4, 4), torch.tensor([0, 1, 2]), torch.tensor([1, 2, 0])
CALLS = {
    mixup: ((IMAGES, NUMBERS, PARTNER), {"share": 0.5}),
    cutmix: ((IMAGES, NUMBERS, PARTNER), {"box": (0, 2, 0, 2)}),
    mosaic: ((IMAGES, NUMBERS, PARTNER.expand(3, 3), PARTNER, PARTNER), {}),
    smooth_targets: ((NUMBERS,), {"smoothing": 0.1}),
}


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_class_numbers_are_refused_with_the_way_to_rows(function):
    arguments, named = CALLS[function]
    # As users call it: in tests, shapes are checked before anything else is.
    with pytest.raises(
        ValueError, match=r"targets must be floats of shape \(batch, outputs\), got torch.int64 .*one_hot"
    ):
        inspect.unwrap(function)(*arguments, **named)


@pytest.mark.parametrize("box", [(0, 5, 0, 4), (3, 2, 0, 4), (-1, 2, 0, 4), (0, 4, 2, 5)])
def test_a_box_outside_the_image_would_give_negative_targets(box):
    with pytest.raises(ValueError, match=r"box must be \(top, bottom, left, right\) inside 4x4 images, got .*draw_box"):
        cutmix(IMAGES, torch.eye(3), PARTNER, box=box)


def test_one_class_has_no_others():
    with pytest.raises(
        ValueError, match="targets must have two classes for the form others, got 1; use the form uniform"
    ):
        smooth_targets(torch.ones(2, 1), smoothing=0.1, form="others")
