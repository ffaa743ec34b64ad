import pytest
import torch

from assay.tricks.batch.color_jitter import ColorJitter, colour_matrices, jitter_colours
from assay.tricks.colours import LUMA


def colours() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(60, 140, (4, 3, 5, 5), dtype=torch.uint8, generator=generator)


def jittered(images, brightness=1.0, contrast=1.0, saturation=1.0, turn=0.0):
    one = torch.ones(len(images))
    return jitter_colours(
        images, brightness=brightness * one, contrast=contrast * one, saturation=saturation * one, turns=turn * one
    )


def test_each_by_hand_on_one_pixel():
    pixel = torch.tensor([100, 50, 200], dtype=torch.uint8).view(1, 3, 1, 1)
    grey = 0.299 * 100 + 0.587 * 50 + 0.114 * 200
    expected = [round(grey + 0.5 * (value - grey)) for value in (100, 50, 200)]
    assert jittered(pixel, brightness=1.2).flatten().tolist() == [120, 60, 240]
    assert jittered(pixel, brightness=1.4).flatten().tolist() == [140, 70, 255]
    assert jittered(pixel, saturation=0.5).flatten().tolist() == expected
    assert jittered(pixel, contrast=0.5).flatten().tolist() == expected
    assert jittered(pixel, saturation=0.0).flatten().tolist() == [round(grey)] * 3


def test_neutral_factors_keep_the_image_and_a_whole_turn_too():
    assert torch.equal(jittered(colours()), colours())
    assert torch.equal(jittered(colours(), turn=1.0), colours())


def test_turns_keep_luma_and_greys_and_add_up():
    matrices = colour_matrices(torch.ones(3), torch.tensor([0.1, 0.2, 0.3]))
    torch.testing.assert_close(matrices @ torch.ones(3, 1), torch.ones(3, 3, 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.tensor(LUMA) @ matrices, torch.tensor(LUMA).expand(3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(matrices[0] @ matrices[1], matrices[2], atol=1e-5, rtol=0)


def test_greys_take_brightness_and_contrast_alone():
    grey = colours()[:, :1]
    assert torch.equal(jittered(grey, saturation=0.3, turn=0.2), grey)
    assert torch.equal(jittered(grey, brightness=1.5), (grey.float() * 1.5).round().to(torch.uint8))


def test_refusals():
    for name in ("brightness", "contrast", "saturation"):
        with pytest.raises(ValueError, match=rf"{name} must be in \[0, 1\], got 1.5"):
            ColorJitter(**{name: 1.5})
    with pytest.raises(ValueError, match=r"hue must be in \[0, 0.5\], got 0.6"):
        ColorJitter(hue=0.6)
