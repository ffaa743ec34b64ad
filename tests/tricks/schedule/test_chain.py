import pytest
import torch

from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.schedule import clocks
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.exponential import Exponential
from assay.tricks.schedule.flat_then_cosine import FlatThenCosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup


def used(trick, steps: int, steps_per_epoch: int) -> list[float]:
    recipe = Recipe(epochs=steps / steps_per_epoch) | trick
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_warmup is None
    moments = clocks(range(steps), total_steps=steps, steps_per_epoch=steps_per_epoch)
    return list(map(recipe.learning_rate_schedule, moments))


def test_first_boundaries_and_last_by_hand():
    """20 steps of 4 an epoch, handed over at steps 4 and 12: a rise over an epoch, a line over 8 steps, a half."""
    trick = Chain((Warmup(0.9), LinearDecay(0.0), ConstantLR()), at=(0.2, 0.6))
    rise, line = [0.25, 0.5, 0.75, 1.0], [1.0 - step / 8 for step in range(8)]
    assert used(trick, 20, 4) == pytest.approx(rise + line + 8 * [1.0])


def test_the_default_is_a_constant_rate_and_a_line_over_the_last_fifth():
    assert used(Chain(), 20, 4) == pytest.approx(16 * [1.0] + [1.0, 0.75, 0.5, 0.25])


def test_epochs_of_a_schedule_are_counted_from_its_hand_over():
    """Halved each epoch of 2 steps, from step 4 on."""
    found = used(Chain((ConstantLR(), Exponential(0.5, 1.0, staircase=True)), at=(0.4,)), 10, 2)
    assert found == [1.0] * 4 + [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]


def test_a_cosine_brings_its_warm_up_along():
    """Ten steps of 5 an epoch: from step 5 on a rise of 2 steps, then half a cosine over 3."""
    found = used(Chain((ConstantLR(), Cosine(warmup_epochs=0.4)), at=(0.5,)), 10, 5)
    assert found == pytest.approx([1.0] * 5 + [0.5, 1.0, 1.0, 0.75, 0.25])


def test_one_goes_on_where_the_other_ended():
    """As the card has it: a line to a tenth over 10 steps, then half a cosine from there over 10."""
    tenth = Product((StepDecay((0.0,), 0.1), Cosine()))
    found = used(Chain((LinearDecay(0.1), tenth), at=(0.5,)), 20, 5)
    assert found[:11] == pytest.approx([1.0 - 0.09 * step for step in range(11)])
    assert found[10:] == pytest.approx([0.1 * factor for factor in used(Cosine(), 10, 5)])


def test_constant_then_cosine_is_flat_then_cosine():
    assert used(Chain((ConstantLR(), Cosine(floor=0.1)), at=(0.75,)), 31, 4) == used(FlatThenCosine(floor=0.1), 31, 4)
    assert used(Chain((Cosine(),), at=()), 31, 4) == used(Cosine(), 31, 4)


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = [
        torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.5, total_iters=6),
        torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=14),
    ]
    theirs = torch.optim.lr_scheduler.SequentialLR(optimizer, parts, milestones=[6])
    for factor in used(Chain((LinearDecay(0.5), Cosine()), at=(0.3,)), 20, 5):
        assert factor == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_batch_sizes_count_epochs_and_resolutions_know_their_least():
    parts = (LinearDecay(0.5), ConstantLR())
    recipe = (
        Recipe(model=ResNet(width=4), epochs=8.0)
        | Chain(parts, (0.5,), "batch_size")
        | Chain(parts, (0.5,), "resolution")
    )
    assert recipe.batch_size_schedule is not None
    sizes = [recipe.batch_size_schedule(clock) for clock in clocks(range(8), total_steps=8, steps_per_epoch=1)]
    assert sizes == pytest.approx([1.0, 0.875, 0.75, 0.625, 1.0, 1.0, 1.0, 1.0])
    images, targets = torch.rand(1, 1, 16, 16), torch.eye(1)
    edit = recipe.batch_edits[0]
    sides = [
        edit(images, targets, torch.Generator(), clock)[0].shape[-1]
        for clock in clocks(range(8), total_steps=8, steps_per_epoch=1)
    ]
    assert sides == [16, 14, 12, 10, 16, 16, 16, 16]


def test_refusals():
    with pytest.raises(ValueError, match=r"at must have one share fewer than the 2 schedules, got \(\)"):
        Chain((Cosine(), ConstantLR()), at=())
    with pytest.raises(ValueError, match=r"at must rise within \(0, 1\), got \(0.5, 0.5\)"):
        Chain((Cosine(), ConstantLR(), Cosine()), at=(0.5, 0.5))
    with pytest.raises(ValueError, match=r"schedules must hold at least one schedule, got \(\)"):
        Chain((), at=())
    with pytest.raises(
        ValueError, match=r"schedules must leave `of` .*, got LinearDecay\(of='momentum'\); give it there"
    ):
        Chain((Cosine(), LinearDecay(of="momentum")), at=(0.5,), of="momentum")


def test_a_stretch_too_short_for_its_warm_up_is_refused():
    with pytest.raises(
        RecipeError, match=r"Chain leaves Warmup 3 epochs: Warmup needs a training longer than its 5 epoc"
    ):
        _ = Recipe(epochs=10) | Chain((Warmup(5.0), Cosine()), at=(0.3,))
    _ = Recipe(epochs=20) | Chain((Warmup(5.0), Cosine()), at=(0.3,))


def test_a_schedule_that_sets_the_momentum_too_is_refused():
    with pytest.raises(
        RecipeError, match="OneCycle in Chain must set one quantity, it also sets momentum schedule; leave"
    ):
        _ = Recipe() | Chain((OneCycle(momentum=(0.95, 0.85)),), at=())
