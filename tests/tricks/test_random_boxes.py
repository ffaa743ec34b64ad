import torch

from assay.tricks.random_boxes import Boxes, draw_boxes, inside


def test_boxes_lie_inside_and_have_the_shares_and_aspects_they_were_asked_for():
    boxes = draw_boxes(2000, 60, 80, torch.Generator().manual_seed(0), share=(0.1, 0.5), aspect=(0.5, 2.0))
    assert boxes.found.all()
    assert (boxes.top >= 0).all()
    assert (boxes.left >= 0).all()
    assert (boxes.top + boxes.height <= 60).all()
    assert (boxes.left + boxes.width <= 80).all()
    share = (boxes.height * boxes.width) / 4800
    aspect = boxes.width / boxes.height
    # Whole pixels: a side of 15 or more rounds by at most 1/30.
    assert 0.095 < share.min() < 0.12
    assert 0.48 < share.max() < 0.52
    assert 0.46 < aspect.min() < 0.55
    assert 1.8 < aspect.max() < 2.2
    assert abs(aspect.log().mean()) < 0.05
    assert (boxes.top == 0).any()
    assert (boxes.top + boxes.height == 60).any()


def test_a_box_that_never_fits_is_the_image_and_says_so():
    boxes = draw_boxes(5, 10, 10, torch.Generator().manual_seed(0), share=(0.9, 1.0), aspect=(9.0, 10.0))
    assert not boxes.found.any()
    assert boxes.height.tolist() == boxes.width.tolist() == [10] * 5
    assert boxes.top.tolist() == boxes.left.tolist() == [0] * 5


def test_inside_by_hand():
    one, two = torch.tensor([1]), torch.tensor([2])
    mask = inside(Boxes(one, two, two, one, torch.tensor([True])), height=4, width=4)
    assert mask[0].nonzero().tolist() == [[1, 2], [2, 2]]
