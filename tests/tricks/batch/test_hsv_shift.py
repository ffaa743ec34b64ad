import colorsys

import pytest
import torch

from assay.tricks.batch.hsv_shift import HSVShift, shift_hsv


def test_agrees_with_colorsys():
    images = torch.randint(0, 256, (2, 3, 3, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    turns, powers = torch.tensor([0.1, -0.08]), torch.tensor([[2.0, 0.5], [0.4, 3.0]])
    factors, offsets = torch.tensor([[0.8, 1.3], [1.4, 0.7]]), torch.tensor([[0.1, -0.1], [-0.05, 0.02]])
    found = shift_hsv(images, turns, powers, factors, offsets)
    for i in range(2):
        for ours, pixel in zip(found[i].flatten(1).T.tolist(), images[i].flatten(1).T.tolist(), strict=True):
            hue, *others = colorsys.rgb_to_hsv(*(value / 255 for value in pixel))
            bent = [
                min(max(float(factors[k, i]) * value ** float(powers[k, i]) + float(offsets[k, i]), 0.0), 1.0)
                for k, value in enumerate(others)
            ]
            expected = [255 * value for value in colorsys.hsv_to_rgb((hue + float(turns[i])) % 1.0, *bent)]
            assert ours == pytest.approx(expected, abs=0.51)


def test_neutral_numbers_keep_the_image():
    images = torch.randint(0, 256, (2, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    one, zero = torch.ones(2, 2), torch.zeros(2, 2)
    assert torch.equal(shift_hsv(images, torch.zeros(2), one, one, zero), images)
    assert torch.equal(shift_hsv(images[:, :1], torch.ones(2), one, one, zero), images[:, :1])


def test_a_grey_image_has_only_a_value():
    grey = torch.full((1, 1, 1, 1), 51, dtype=torch.uint8)
    numbers = torch.tensor([[9.0], [2.0]])
    found = shift_hsv(grey, torch.ones(1), numbers, torch.ones(2, 1), torch.tensor([[0.9], [0.1]]))
    assert found.item() == round(255 * (0.2**2 + 0.1))


def test_refusals():
    for arguments, message in (
        ({"hue": 0.6}, r"hue must be in \[0, 0.5\], got 0.6"),
        ({"power": 0.5}, r"power must be in \[1, 10\], got 0.5"),
        ({"factors": (-1.0, 1.0)}, r"factors\[0\] must be finite and at least 0, got -1"),
        ({"factors": (1.0, 0.5)}, r"factors\[1\] must be finite and at least 1, got 0.5"),
        ({"offset": 2.0}, r"offset must be in \[0, 1\], got 2"),
    ):
        with pytest.raises(ValueError, match=message):
            HSVShift(**arguments)
