import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.trivial_augment import TrivialAugment
from assay.tricks.image_operations import NARROW, OPERATIONS, WIDE


def one_image() -> torch.Tensor:
    return torch.randint(0, 256, (1, 1, 6, 6), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def edited(trick: TrivialAugment, n: int) -> torch.Tensor:
    (edit,) = (Recipe() | trick).input_edits
    return edit(one_image().repeat(n, 1, 1, 1), torch.arange(n), torch.Generator().manual_seed(1), Clock(0, 1, 1))


@pytest.mark.parametrize("wide", [True, False])
def test_each_image_goes_through_one_operation_at_one_of_31_levels(wide):
    possible = {
        tuple(operation(one_image(), torch.tensor([sign * level / 30]), WIDE if wide else NARROW).flatten().tolist())
        for operation in OPERATIONS
        for level in range(31)
        for sign in (1, -1)
    }
    found = {tuple(one.flatten().tolist()) for one in edited(TrivialAugment(wide=wide), 600)}
    assert found <= possible
    assert len(found) > 60


def test_probability_is_the_share_of_images_that_may_change():
    changed = (edited(TrivialAugment(0.5), 1000) != one_image()).flatten(1).any(1).float().mean().item()
    always = (edited(TrivialAugment(1.0), 1000) != one_image()).flatten(1).any(1).float().mean().item()
    assert changed == pytest.approx(always / 2, abs=0.07)


def test_refusal():
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\], got 3"):
        TrivialAugment(3.0)
