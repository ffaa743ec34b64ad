"""The feed: which examples, in which order, edited by whom, and nothing that history could change."""

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.recipe import Recipe
from assay.training.feed import EpochLoader, Feed, as_distributions, training_targets
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.target.label_smoothing import LabelSmoothing


def feed_of(data: Data, recipe: Recipe | None = None, *, batch_size: int = 8, seed: int = 0) -> Feed:
    recipe = (recipe or Recipe()).change(batch_size=batch_size)
    return Feed(recipe, data.train, data.specification, seed)


PLAIN = Specification(
    task="classification",
    input_shape=(1,),
    normalization=Normalization((0.0,), (1.0,)),
    encoder=ArrayEncoder(shape=(1,)),
    classes=("a", "b"),
)


def numbered(n: int) -> Split:
    """Vectors whose only feature is their own index."""
    return Split(torch.arange(float(n)).unsqueeze(1), torch.zeros(n, dtype=torch.int64), tuple(map(str, range(n))))


@given(n=st.integers(1, 40), batch_size=st.integers(1, 50), seed=st.integers(0, 1000))
def test_an_epoch_shows_examples_once_and_drops_the_last_partial_batch(n: int, batch_size: int, seed: int):
    feed = Feed(Recipe(batch_size=batch_size), numbered(n), PLAIN, seed)
    size = min(n, batch_size)
    steps = feed.timetable.steps_per_epoch
    assert feed.timetable.batch_size_in(0) == size
    assert steps == n // size
    batches = list(feed.indices(range(3 * steps)))
    assert [len(batch) for batch in batches] == [size] * len(batches)
    for epoch in range(3):
        shown = torch.cat(batches[epoch * steps : (epoch + 1) * steps]).tolist()
        assert len(set(shown)) == len(shown) == n // size * size
        assert set(shown) <= set(range(n))


def test_every_example_takes_its_turn():
    """3 of 23 examples are left out of each epoch, not always the same."""
    feed = Feed(Recipe(batch_size=5), numbered(23), PLAIN, seed=0)
    epochs = [torch.cat(list(feed.indices(range(4 * e, 4 * e + 4)))) for e in range(12)]
    assert set(torch.cat(epochs).tolist()) == set(range(23))
    assert not torch.equal(epochs[0], epochs[1])
    # Chance leaves each example out of an epoch with 3/23: 12 epochs of the same one have 23 (3/23)^12 ~ 1e-9.
    counts = torch.cat(epochs).bincount(minlength=23)
    assert counts.min() >= 6


def test_inputs_and_targets_of_a_batch_belong_together(tiny_images: Data):
    feed = feed_of(tiny_images, seed=4)
    steps = range(feed.timetable.steps_per_epoch)
    for indices, batch in zip(feed.indices(steps), feed.batches(steps, 3), strict=True):
        assert torch.equal(batch.targets, tiny_images.train.targets[indices])
        expected = tiny_images.specification.normalization(tiny_images.train.inputs[indices])
        assert torch.equal(batch.inputs, expected)


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("start", [1, 2, 3, 7])
def test_it_can_start_at_any_step(tiny_images: Data, start: int):
    recipe = Recipe() | Flip() | Mixup(1.0) | CutMix() | LabelSmoothing()
    whole = list(feed_of(tiny_images, recipe).batches(range(9), 9))
    rest = list(feed_of(tiny_images, recipe).batches(range(start, 9), 9))
    assert len(rest) == 9 - start
    for a, b in zip(whole[start:], rest, strict=True):
        assert torch.equal(a.inputs, b.inputs)
        assert torch.equal(a.targets, b.targets)


def test_seed_and_step_decide_the_draws(tiny_images: Data):
    recipe = Recipe() | Mixup(1.0)
    first, again, other = (
        [batch.targets for batch in feed_of(tiny_images, recipe, seed=seed).batches(range(3), 3)] for seed in (0, 0, 1)
    )
    assert all(map(torch.equal, first, again))
    assert not any(map(torch.equal, first, other))
    shares = {round(float(targets.max(1).values.min()), 4) for targets in first}
    assert len(shares) == 3, "each step must draw its own share"


def test_edits_act_in_the_order_of_the_page(tiny_images: Data):
    """input edits on raw bytes -> normalisation -> target edits -> batch edits on both."""
    seen: list[str] = []

    def input_edit(inputs: Tensor, indices: Tensor, generator: torch.Generator, clock) -> Tensor:
        seen.append(f"input {inputs.dtype} {clock.step}")
        return torch.zeros_like(inputs)

    def target_edit(targets: Tensor) -> Tensor:
        seen.append(f"target {tuple(targets.shape)}")
        return targets * 0.5

    def batch_edit(inputs: Tensor, targets: Tensor, generator: torch.Generator, clock) -> tuple[Tensor, Tensor]:
        seen.append(f"batch {inputs.dtype} {targets.max():g}")
        return inputs + 100.0, targets * 2.0

    recipe = Recipe().add(batch_edits=batch_edit).add(target_edits=target_edit).add(input_edits=input_edit)
    feed = Feed(replace(recipe, batch_size=8), tiny_images.train, tiny_images.specification, 0)
    batch = next(iter(feed.batches(range(5, 6), 9)))
    assert seen == ["input torch.uint8 5", "target (8, 4)", "batch torch.float32 0.5"]
    mean, std = tiny_images.specification.normalization.mean[0], tiny_images.specification.normalization.std[0]
    torch.testing.assert_close(batch.inputs, torch.full((8, 1, 8, 8), 100.0 - mean / std))
    assert batch.targets.sum(1).tolist() == [1.0] * 8


def test_edits_of_one_slot_draw_from_streams_of_their_own(tiny_images: Data):
    drawn: list[float] = []

    def edit(inputs: Tensor, targets: Tensor, generator: torch.Generator, clock) -> tuple[Tensor, Tensor]:
        drawn.append(float(torch.rand((), generator=generator)))
        return inputs, targets

    recipe = Recipe().add(batch_edits=edit).add(batch_edits=edit)
    list(Feed(recipe, tiny_images.train, tiny_images.specification, 0).batches(range(3), 3))
    assert len(set(drawn)) == 6


def test_no_edit_can_reach_the_users_data(tiny_images: Data):
    """Input edits may work in place: the batch is the feed's own copy."""

    def blacken(inputs: Tensor, indices: Tensor, generator: torch.Generator, clock) -> Tensor:
        return inputs.zero_()

    before = tiny_images.train.inputs.clone()
    recipe = Recipe().add(input_edits=blacken)
    list(Feed(recipe, tiny_images.train, tiny_images.specification, 0).batches(range(2), 2))
    assert torch.equal(tiny_images.train.inputs, before)


def test_class_indices_stay_indices_until_an_edit_needs_distributions(tiny_images: Data):
    (plain,) = feed_of(tiny_images).batches(range(1), 1)
    assert plain.targets.dtype == torch.int64
    (mixed,) = feed_of(tiny_images, Recipe() | Mixup(0.0)).batches(range(1), 1)
    assert torch.equal(mixed.targets, F.one_hot(plain.targets, 4).float())


def test_regression_targets_are_standardised_columns(tiny_table: Data):
    targets = training_targets(tiny_table.train.targets, tiny_table.specification)
    assert targets.shape == (36, 1)
    assert targets.mean().item() == pytest.approx(0.0, abs=1e-6)
    assert targets.std().item() == pytest.approx(1.0, rel=1e-6)
    by_hand = (tiny_table.train.targets - tiny_table.train.targets.mean()) / tiny_table.train.targets.std()
    torch.testing.assert_close(targets[:, 0], by_hand)
    assert torch.equal(as_distributions(targets, tiny_table.specification), targets)


def test_regression_batches_pair_rows_with_their_own_targets(tiny_table: Data):
    feed = feed_of(tiny_table)
    for indices, batch in zip(feed.indices(range(4)), feed.batches(range(4), 4), strict=True):
        specification = tiny_table.specification
        own_units = batch.targets[:, 0] * specification.target_std + specification.target_mean
        torch.testing.assert_close(own_units, tiny_table.train.targets[indices])


def test_mixing_works_on_regression_targets_too(tiny_table: Data):
    (plain,) = feed_of(tiny_table).batches(range(1), 1)
    (mixed,) = feed_of(tiny_table, Recipe() | Mixup(1.0)).batches(range(1), 1)
    assert not torch.equal(mixed.targets, plain.targets)
    assert mixed.targets.sum().item() == pytest.approx(plain.targets.sum().item(), abs=1e-5)
    torch.testing.assert_close(mixed.inputs.sum(0), plain.inputs.sum(0), atol=1e-4, rtol=0)


def test_the_epoch_loader_is_an_ordinary_loader(tiny_images: Data):
    loader = EpochLoader(feed_of(tiny_images, Recipe() | Mixup(1.0)))
    first, second = list(loader), list(loader)
    assert len(loader) == len(first) == 3
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(first, second, strict=True))
    assert not math.isclose(first[0].inputs.sum().item(), first[1].inputs.sum().item())
