import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.rand_augment import RandAugment
from assay.tricks.image_operations import NARROW, OPERATIONS


def images(n: int) -> torch.Tensor:
    return torch.randint(0, 256, (1, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)).repeat(
        n, 1, 1, 1
    )


def edited(trick: RandAugment, n: int, seed: int = 1) -> torch.Tensor:
    (edit,) = (Recipe() | trick).input_edits
    return edit(images(n), torch.arange(n), torch.Generator().manual_seed(seed), Clock(0, 1, 1))


def test_one_operation_is_one_of_the_fourteen_in_either_direction_and_all_occur():
    image = images(1)
    possible = {
        tuple(operation(image, torch.tensor([level]), NARROW).flatten().tolist())
        for operation in OPERATIONS
        for level in (0.5, -0.5)
    }
    found = {tuple(one.flatten().tolist()) for one in edited(RandAugment(1, 5.0), 400)}
    assert found == possible
    assert len(OPERATIONS) == 14


def test_deviation_varies_the_strength_and_never_beyond_its_range():
    assert len(edited(RandAugment(1, 5.0), 200).unique(dim=0)) <= 28
    assert len(edited(RandAugment(1, 5.0, deviation=2.0), 200).unique(dim=0)) > 60
    assert len(edited(RandAugment(1, 10.0, deviation=1e-9), 200).unique(dim=0)) <= 28


def test_more_operations_go_further():
    def distance(count: int) -> float:
        return (edited(RandAugment(count), 200).float() - images(200).float()).abs().mean().item()

    assert distance(1) < distance(2) < distance(4)


def test_refusals():
    with pytest.raises(ValueError, match="operations must be finite and at least 0, got -1"):
        RandAugment(-1)
    with pytest.raises(ValueError, match=r"magnitude must be in \[0, 10\], got 31"):
        RandAugment(magnitude=31.0)
    with pytest.raises(ValueError, match="deviation must be finite and at least 0, got -1"):
        RandAugment(deviation=-1.0)
