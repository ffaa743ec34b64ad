import pytest
import torch
from torch import nn

from assay.tricks.norm.global_contrast_norm import GlobalContrastNorm, equalise_contrast


def test_by_hand():
    """Mean 3, variance 5; with 4 added the deviation is 3."""
    image = torch.tensor([0.0, 2.0, 4.0, 6.0]).view(1, 1, 2, 2)
    outputs = equalise_contrast(image, scale=2.0, added_variance=4.0, eps=0.0)
    torch.testing.assert_close(outputs.flatten(), 2.0 * torch.tensor([-3.0, -1.0, 1.0, 3.0]) / 3.0)


def test_each_image_has_contrast_one_whatever_its_light(tiny_images):
    model = GlobalContrastNorm().edit(nn.Identity(), tiny_images.specification)
    raw = tiny_images.train.inputs.float()
    one, other = (model(tiny_images.specification.normalization(images)) for images in (raw, 0.1 * raw + 5.0))
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(one.std((1, 2, 3), correction=0), torch.ones(24))
    assert torch.equal(model.train()(raw), model.eval()(raw))


def test_an_even_image_is_zero_and_has_a_gradient():
    image = torch.full((1, 3, 4, 4), 7.0, requires_grad=True)
    outputs = equalise_contrast(image, scale=1.0, added_variance=0.0, eps=1e-8)
    outputs.sum().backward()
    assert not outputs.any()
    assert torch.isfinite(image.grad).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [({"scale": 0.0}, "scale must be finite and above 0, got 0.0"), ({"added_variance": -1.0}, "added_variance must"),
     ({"eps": -1.0}, "eps must"), ({"eps": 0.0}, "must not both be 0")],
)  # fmt: skip
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        GlobalContrastNorm(**values)
