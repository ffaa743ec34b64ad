"""Each operation against Pillow, which the papers used."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

from assay.tricks import image_operations as operations
from assay.tricks.image_operations import NARROW, OPERATIONS, WIDE, apply_operations


def photographs(n: int = 6, side: int = 24) -> torch.Tensor:
    """Smooth images of different contrasts, so that histograms differ."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(n, 3, 4, 4, generator=generator)
    images = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear") * 200
    return (images * torch.linspace(0.2, 1.2, n)[:, None, None, None]).clamp(0, 255).to(torch.uint8)


def pillow(image: torch.Tensor) -> Image.Image:
    return Image.fromarray(image.permute(1, 2, 0).numpy())


def tensor(image: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


PILLOW = {
    "auto_contrast": lambda image, level: ImageOps.autocontrast(image),
    "equalize": lambda image, level: ImageOps.equalize(image),
    "posterize": lambda image, level: ImageOps.posterize(image, 8 - round(4 * abs(level))),
    "solarize": lambda image, level: ImageOps.solarize(image, round(256 * (1 - abs(level)))),
    "brightness": lambda image, level: ImageEnhance.Brightness(image).enhance(1 + 0.9 * level),
    "color": lambda image, level: ImageEnhance.Color(image).enhance(1 + 0.9 * level),
    "contrast": lambda image, level: ImageEnhance.Contrast(image).enhance(1 + 0.9 * level),
    "sharpness": lambda image, level: ImageEnhance.Sharpness(image).enhance(1 + 0.9 * level),
}


@pytest.mark.parametrize("name", list(PILLOW))
@pytest.mark.parametrize("level", [-0.75, 0.25, 1.0])
def test_agrees_with_pillow(name, level):
    images = photographs()
    found = getattr(operations, name)(images, torch.full((len(images),), level), NARROW)
    expected = torch.stack([tensor(PILLOW[name](pillow(image), level)) for image in images])
    # Pillow cuts the fraction off at every stage (grey, mean, blend) where we round once at the end.
    assert (found.int() - expected.int()).abs().max() <= 2
    assert found.dtype == torch.uint8
    assert name in ("sharpness",) or not torch.equal(found, images)


def test_exact_where_there_is_nothing_to_round():
    images = photographs()
    for name in ("equalize", "posterize", "solarize"):
        found = getattr(operations, name)(images, torch.full((6,), 0.5), NARROW)
        assert torch.equal(found, torch.stack([tensor(PILLOW[name](pillow(image), 0.5)) for image in images])), name


def test_shifts_and_turns_by_hand():
    images = photographs(2, 20)
    right = operations.translate_x(images, torch.tensor([1.0, -1.0]), NARROW)
    assert torch.equal(right[0, :, :, :11], images[0, :, :, 9:])
    assert (right[0, :, :, 11:] == 128).all()
    assert torch.equal(right[1, :, :, 9:], images[1, :, :, :11])
    down = operations.translate_y(images, torch.tensor([1.0, -1.0]), WIDE)
    assert (down == 128).all()
    turned = operations.rotate(images, torch.tensor([2 / 3, -2 / 3]), WIDE)
    for ours, image, turns in zip(turned, images, (1, -1), strict=True):
        assert (ours.int() - image.rot90(turns, (1, 2)).int()).abs().max() <= 1
    sheared = operations.shear_y(images, torch.zeros(2), NARROW)
    assert torch.equal(sheared, images)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_level_0_of_what_has_a_level_keeps_the_image(operation):
    images = photographs()
    found = operation(images, torch.zeros(6), WIDE)
    unlevelled = operation.__name__ in ("auto_contrast", "equalize")
    assert torch.equal(found, images) != unlevelled
    greys = images[:, :1]
    assert operation(greys, torch.full((6,), 0.5), NARROW).shape == greys.shape


def test_constant_images_survive():
    flat = torch.full((2, 3, 8, 8), 77, dtype=torch.uint8)
    for operation in (operations.auto_contrast, operations.equalize, operations.sharpness, operations.contrast):
        assert torch.equal(operation(flat, torch.ones(2), NARROW), flat)
    tiny = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
    assert torch.equal(operations.sharpness(tiny, torch.ones(1), NARROW), tiny)


def test_a_batch_in_groups_is_each_image_by_itself():
    images = photographs().repeat(5, 1, 1, 1)
    generator = torch.Generator().manual_seed(1)
    kinds = torch.randint(-1, len(OPERATIONS), (30,), generator=generator)
    levels = 2 * torch.rand(30, generator=generator) - 1
    before = images.clone()
    together = apply_operations(images, kinds, levels, NARROW)
    assert torch.equal(images, before)
    for i, kind in enumerate(kinds.tolist()):
        alone = images[i : i + 1] if kind < 0 else OPERATIONS[kind](images[i : i + 1], levels[i : i + 1], NARROW)
        assert torch.equal(together[i : i + 1], alone)
