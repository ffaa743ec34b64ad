import pytest
import torch

from assay.checks.experiments.two_sample import are_negatives, told_apart

SEED = 4


def samples():
    """Two samples of dark pictures in [0, 1] with a bright place."""
    generator = torch.Generator().manual_seed(SEED)
    images = 0.3 * torch.rand(240, 1, 8, 8, generator=generator)
    images[:, :, 2:4, 2:4] += torch.rand(240, 1, 1, 1, generator=generator)
    images = (images - 0.05).clamp(0, 1)
    return images[:120], images[120:]


@pytest.mark.parametrize(
    ("change", "apart", "negatives"),
    [
        (lambda images: images, False, False),
        (lambda images: 1 - images, True, True),
        (lambda images: 1 - images.roll(3, -1), True, False),
        (lambda images: 0.4 * images + 0.5, True, False),
    ],
    ids=["alike", "negative", "negative at another place", "paler"],
)
def test_only_negatives_are_alike_when_negated(change, apart, negatives):
    first, second = samples()
    generator = torch.Generator().manual_seed(SEED)
    told = told_apart(first, change(second), generator)
    assert told.is_clear is apart
    assert told.examples == 240
    assert are_negatives(first, change(second), told, generator) is negatives


def test_tables_have_no_negatives():
    first, second = (images.flatten(1) for images in samples())
    generator = torch.Generator().manual_seed(SEED)
    assert not are_negatives(first, 1 - second, told_apart(first, 1 - second, generator), generator)
