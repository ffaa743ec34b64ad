import pytest
import torch

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.cutmix import CutMix, edit_cutmix
from assay.tricks.batch.mixup import Mixup, edit_mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix

CLOCK = Clock(0, 1, 1)


def images() -> tuple[torch.Tensor, torch.Tensor]:
    """Image i holds the number of its class everywhere."""
    return torch.arange(4.0).view(4, 1, 1, 1).expand(4, 1, 8, 8).clone(), torch.eye(4)


def mixed(trick: MixupOrCutMix, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    (edit,) = (Recipe() | trick).batch_edits
    return edit(*images(), generator, CLOCK)


def test_each_batch_is_mixed_in_exactly_one_way():
    """Pasted images keep whole numbers, blended ones are constant; a batch that is both would be neither."""
    seed = 0
    generator, pasted, batches = torch.Generator().manual_seed(seed), 0, 200
    for _ in range(batches):
        inputs, targets = mixed(MixupOrCutMix(1.0, 1.0, 0.25), generator)
        constant = bool((inputs == inputs[:, :, :1, :1]).all())
        whole = torch.equal(inputs, inputs.round())
        assert constant or whole, seed
        pasted += not constant
        torch.testing.assert_close(targets @ torch.arange(4.0), inputs.mean(dim=(1, 2, 3)), msg=f"seed {seed}")
    # A pasted box may be empty or whole, so fewer are seen than a quarter.
    assert 0.15 * batches < pasted < 0.35 * batches


def test_the_limits_are_mixup_and_cutmix():
    for trick, edit in ((MixupOrCutMix(0.4, cutmix_share=0.0), edit_mixup), (MixupOrCutMix(cutmix_share=1.0), None)):
        first, second = (torch.Generator().manual_seed(3) for _ in range(2))
        torch.rand((), generator=second)
        found = mixed(trick, first)
        if edit is None:
            expected = edit_cutmix(*images(), second, CLOCK, alpha=1.0, probability=1.0)
        else:
            expected = edit(*images(), second, CLOCK, alpha=0.4)
        assert torch.equal(found[0], expected[0])
        assert torch.equal(found[1], expected[1])


@pytest.mark.parametrize(("other", "what"), [(Mixup(), "blended examples"), (CutMix(), "pasted boxes")], ids=repr)
def test_it_stands_for_both_so_neither_may_stand_beside_it(other, what):
    with pytest.raises(RecipeError, match=f"{type(other).__name__} and MixupOrCutMix both set {what}; keep one"):
        Recipe() | MixupOrCutMix() | other
    with pytest.raises(RecipeError, match=f"MixupOrCutMix and {type(other).__name__} both set {what}; keep one"):
        Recipe() | other | MixupOrCutMix()


def test_refusals():
    with pytest.raises(ValueError, match=r"mixup_alpha must be 0 or finite and at least 0.01, got -1"):
        MixupOrCutMix(mixup_alpha=-1.0)
    with pytest.raises(ValueError, match=r"cutmix_alpha must be finite and at least 0.01, got 0"):
        MixupOrCutMix(cutmix_alpha=0.0)
    with pytest.raises(ValueError, match=r"cutmix_share must be in \[0, 1\], got 2"):
        MixupOrCutMix(cutmix_share=2.0)
    with pytest.raises(RecipeError, match="MixupOrCutMix needs a classification task"):
        Recipe(loss=MeanSquaredError()) | MixupOrCutMix()
