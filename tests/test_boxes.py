"""Fits of boxes: by hand, against a loop in float64, their bounds and invariances, and gradients at the edges."""

import math

import pytest
import torch

from assay.boxes import ciou, ciou_loss, diou, diou_loss, giou, giou_loss, iou, iou_loss

FITS = (iou, giou, diou, ciou)
A, B = [0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]
WIDE, TALL = [0.0, 0.0, 2.0, 1.0], [0.0, 0.0, 1.0, 2.0]
APART = [5.0, 0.0, 6.0, 1.0]


def of(fit, first, second):
    return fit(torch.tensor([first], dtype=torch.float64), torch.tensor([second], dtype=torch.float64)).item()


def random_boxes(n: int, seed: int) -> torch.Tensor:
    corners = torch.rand(n, 2, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.cat([corners.amin(1), corners.amax(1)], dim=1)


def test_squares_by_hand():
    """They share 1 of 7 in a box of 9; the centres are sqrt(2) apart, the diagonal is sqrt(18)."""
    assert of(iou, A, B) == pytest.approx(1 / 7, rel=1e-6)
    assert of(giou, A, B) == pytest.approx(1 / 7 - 2 / 9, rel=1e-6)
    assert of(diou, A, B) == pytest.approx(1 / 7 - 1 / 9, rel=1e-6)
    assert of(ciou, A, B) == pytest.approx(1 / 7 - 1 / 9, rel=1e-6)


def test_other_shapes_by_hand():
    """They share 1 of 3 in a box of 4; squared distance 1 / 2, diagonal^2 8; atan 2 against atan 1 / 2."""
    assert of(iou, WIDE, TALL) == pytest.approx(1 / 3, rel=1e-6)
    assert of(giou, WIDE, TALL) == pytest.approx(1 / 3 - 1 / 4, rel=1e-6)
    assert of(diou, WIDE, TALL) == pytest.approx(1 / 3 - 1 / 16, rel=1e-6)
    shape = 4 / math.pi**2 * (math.atan(2) - math.atan(0.5)) ** 2
    assert of(ciou, WIDE, TALL) == pytest.approx(1 / 3 - 1 / 16 - shape**2 / (2 / 3 + shape), rel=1e-5)


def test_boxes_apart_by_hand():
    """Nothing shared; 4 and 1 of a box of 6 x 2; centres (1, 1) and (5.5, .5), diagonal^2 40."""
    assert of(iou, A, APART) == 0.0
    assert of(giou, A, APART) == pytest.approx(-7 / 12, rel=1e-6)
    assert of(diou, A, APART) == pytest.approx(-20.5 / 40, rel=1e-6)


def plain_fits(first: list[float], second: list[float]) -> tuple[float, ...]:
    """All four, one pair at a time, as the papers write them."""
    (a, b, c, d), (e, f, g, h) = first, second
    inner = max(0.0, min(c, g) - max(a, e)) * max(0.0, min(d, h) - max(b, f))
    union = (c - a) * (d - b) + (g - e) * (h - f) - inner
    width, height = max(c, g) - min(a, e), max(d, h) - min(b, f)
    plain = inner / union
    generalised = plain - (width * height - union) / (width * height)
    rho = ((a + c - e - g) ** 2 + (b + d - f - h) ** 2) / 4
    distance = plain - rho / (width**2 + height**2)
    v = 4 / math.pi**2 * (math.atan2(c - a, d - b) - math.atan2(g - e, h - f)) ** 2
    return plain, generalised, distance, distance - v * v / (1 - plain + v)


def test_agrees_with_a_loop_in_float64():
    boxes, others = random_boxes(200, 0), random_boxes(200, 1)
    found = torch.stack([fit(boxes, others) for fit in FITS], dim=1)
    expected = [plain_fits(*pair) for pair in zip(boxes.tolist(), others.tolist(), strict=True)]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
def test_bounds_symmetry_scale_and_a_box_with_itself(fit):
    boxes, others = random_boxes(100, 2), random_boxes(100, 3)
    found = fit(boxes, others)
    assert found.max() <= 1.0
    assert found.min() >= (0.0 if fit is iou else -2.0)
    assert (found <= iou(boxes, others) + 1e-12).all()
    torch.testing.assert_close(found, fit(others, boxes))
    torch.testing.assert_close(found, fit(640 * boxes + 7, 640 * others + 7))
    torch.testing.assert_close(fit(boxes, boxes), torch.ones(100, dtype=torch.float64))


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
def test_small_boxes_in_shares_of_an_image_fit_as_in_pixels(fit):
    """4 pixels of 1024 a side: an area of 1.5e-5."""
    boxes, others = 300 + 4 * random_boxes(50, 4), 300 + 4 * random_boxes(50, 5)
    large = (boxes[:, 2:] - boxes[:, :2]).amin(1) > 1.0
    boxes, others = boxes[large], others[large]
    torch.testing.assert_close(fit(boxes / 1024, others / 1024), fit(boxes, others))
    torch.testing.assert_close(fit(boxes / 1024, boxes / 1024), torch.ones(len(boxes), dtype=torch.float64))


@pytest.mark.parametrize("loss", [iou_loss, giou_loss, diou_loss, ciou_loss], ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("other", [A, B, APART, [2.0, 0.0, 4.0, 2.0], [1.0, 1.0, 1.0, 1.0], [3.0, 3.0, 1.0, 1.0]])
@pytest.mark.parametrize("box", [A, [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 3.0, 1.0], [2.0, 2.0, 0.0, 0.0]])
def test_gradients_are_finite_for_boxes_that_touch_coincide_or_have_no_area(loss, other, box):
    moved = torch.tensor([box], requires_grad=True)
    value = loss(moved, torch.tensor([other]))
    value.sum().backward()
    assert value.isfinite().all()
    assert moved.grad is not None
    assert moved.grad.isfinite().all()


def test_boxes_apart_are_pulled_together_by_all_but_iou():
    for loss, pulls in ((iou_loss, False), (giou_loss, True), (diou_loss, True), (ciou_loss, True)):
        moved = torch.tensor([[5.0, 0.0, 7.0, 2.0]], requires_grad=True)
        loss(moved, torch.tensor([A])).sum().backward()
        assert moved.grad is not None
        assert bool(moved.grad[0, 0] > 0) is pulls
