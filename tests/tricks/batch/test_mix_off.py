import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.manifold_mixup import ManifoldMixup
from assay.tricks.batch.mix_off import MixOff, still_on
from assay.tricks.batch.mixup import Mixup


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(8, 5, generator=torch.Generator().manual_seed(0)), torch.eye(8)


def test_the_moment_by_hand():
    assert [still_on(Clock(step, 10, 1), last=0.2) for step in (0, 7, 8, 9)] == [True, True, False, False]
    assert still_on(Clock(9, 10, 1), last=0.0)
    assert not still_on(Clock(0, 10, 1), last=1.0)
    # 1 - 0.1 is not exact in binary: the steps are counted, not compared as shares.
    assert sum(still_on(Clock(step, 1000, 1), last=0.1) for step in range(1000)) == 900


def test_mixup_acts_as_before_and_then_not_at_all():
    (plain,), (switched,) = (Recipe() | Mixup(1.0)).batch_edits, (Recipe() | Mixup(1.0) | MixOff(0.25)).batch_edits
    for step in (0, 74):
        expected = plain(*batch(), torch.Generator().manual_seed(step), Clock(step, 100, 10))
        found = switched(*batch(), torch.Generator().manual_seed(step), Clock(step, 100, 10))
        assert all(torch.equal(one, other) for one, other in zip(expected, found, strict=True))
        assert not torch.equal(found[1], torch.eye(8))
    inputs, targets = batch()
    for step in (75, 99):
        assert switched(inputs, targets, torch.Generator(), Clock(step, 100, 10))[0] is inputs
        assert switched(inputs, targets, torch.Generator(), Clock(step, 100, 10))[1] is targets


def test_what_comes_after_it_goes_on():
    recipe = Recipe() | Mixup(1.0) | MixOff() | Cutout(2)
    images, targets = torch.ones(4, 1, 6, 6), torch.eye(4)
    for edit in recipe.batch_edits:
        images, targets = edit(images, targets, torch.Generator().manual_seed(0), Clock(95, 100, 10))
    assert torch.equal(targets, torch.eye(4))
    assert (images == 0).any()


def test_manifold_mixup_is_switched_off_too():
    model = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 8))
    forward = (Recipe() | ManifoldMixup() | MixOff(0.5)).forward
    inputs, targets = batch()
    _, mixed = forward(model, inputs, targets, torch.Generator().manual_seed(0), Clock(49, 100, 10))
    outputs, kept = forward(model, inputs, targets, torch.Generator().manual_seed(0), Clock(50, 100, 10))
    assert not torch.equal(mixed, targets)
    assert kept is targets
    assert torch.equal(outputs, model(inputs))


def test_off_and_alone_it_changes_nothing():
    before = Recipe() | Mixup()
    assert (before | MixOff(0.0)).batch_edits == before.batch_edits
    assert (Recipe() | MixOff()).batch_edits == ()
    assert (Recipe() | MixOff()).forward is None
    assert (Recipe() | Mixup() | MixOff()).without(Mixup).batch_edits == ()


def test_refusal():
    with pytest.raises(ValueError, match=r"last must be in \[0, 1\], got 1.5"):
        MixOff(1.5)
