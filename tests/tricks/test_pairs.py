"""Contracts over all pairs of tricks: what they share, what they may not, and what both must keep true."""

from itertools import combinations, permutations

import pytest
import torch
from torch import Tensor

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.feed import Feed, as_distributions
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError, Trick
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.training import Training, train
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing

SHARED = ("input_edits", "batch_edits", "target_edits", "loss_edits", "model_edits", "parameter_rules",
          "gradient_edits")  # fmt: skip
ORDERED = list(permutations(TRICKS, 2))
UNORDERED = list(combinations(TRICKS, 2))


def names(pair: tuple[type, ...]) -> str:
    return "+".join(kind.__name__ for kind in pair)


def home(epochs: float = 20.0) -> Recipe:
    """A recipe that every trick can join."""
    return Recipe(model=ResNet(width=4), optimizer=SGD(learning_rate=0.05), batch_size=8, epochs=epochs)


def slots(trick: Trick) -> set[str]:
    return {slot for slot, _ in (home() | trick).filled_by}


def edited_slots(trick: Trick) -> set[str]:
    recipe = home() | trick
    return {slot for slot in SHARED if getattr(recipe, slot)}


def conflict(first: Trick, second: Trick) -> bool:
    return bool(slots(first) & slots(second))


@pytest.mark.parametrize("pair", ORDERED, ids=names)
def test_two_in_one_exclusive_slot_is_an_error_that_names_both(pair: tuple[type[Trick], type[Trick]]):
    first, second = (kind() for kind in pair)
    if conflict(first, second):
        with pytest.raises(RecipeError, match=f"{pair[1].__name__} and {pair[0].__name__} both set .*; keep one"):
            _ = home() | first | second
    else:
        both = home() | first | second
        assert both.tricks == (first, second)
        assert set(both.filled_by) == set((home() | first).filled_by) | set((home() | second).filled_by)
        for slot in SHARED:
            counts = [len(getattr(recipe, slot)) for recipe in (both, home() | first, home() | second)]
            assert counts[0] == counts[1] + counts[2], "one of them pushed the other out"


def test_the_pairs_that_conflict_are_these():
    """One schedule at a time, and one loss; all else may stand together."""
    schedules = {"ConstantLR", "LinearDecay", "StepDecay", "Cosine", "OneCycle"}
    found = {frozenset((a.__name__, b.__name__)) for a, b in UNORDERED if conflict(a(), b())}
    assert found == {frozenset(pair) for pair in combinations(schedules, 2)}


def test_a_schedule_with_its_own_warm_up_refuses_another():
    with pytest.raises(RecipeError, match="Warmup and Cosine both set learning rate warmup; keep one of them"):
        _ = home() | Cosine(warmup_epochs=2) | Warmup()
    with pytest.raises(RecipeError, match="Cosine and Warmup both set learning rate warmup; keep one of them"):
        _ = home() | Warmup() | Cosine(warmup_epochs=2)


@pytest.mark.slow
@pytest.mark.parametrize("pair", UNORDERED, ids=names)
def test_pairs_read_back_from_toml_and_can_be_taken_apart(pair: tuple[type[Trick], type[Trick]]):
    first, second = (kind() for kind in pair)
    if conflict(first, second):
        pytest.skip("they refuse each other")
    both = home() | first | second
    again = recipe_from_toml(recipe_to_toml(both))
    assert again == both
    assert again.key() == both.key()
    assert both.without(pair[0]) == home() | second
    assert both.without(pair[1]) == home() | first
    assert both.key() not in {(home() | first).key(), (home() | second).key(), home().key()}


# What pixels say and what targets say

FEEDERS: tuple[Trick, ...] = (
    *(Mixup(1.0), CutMix(alpha=1.0, probability=1.0), Cutout(4)),
    *(LabelSmoothing(0.2), LabelSmoothing(0.2, form="others"), Flip(), Flip("alternating"), Crop(2)),
)
CLASSES, SIDE = 5, 9


def ownership(n: int = 20) -> Data:
    """Image i is a plane of ones in the channel of its class: every pixel says whose it is."""
    targets = torch.arange(n) % CLASSES
    inputs = torch.zeros(n, CLASSES, SIDE, SIDE, dtype=torch.uint8)
    inputs[torch.arange(n), targets] = 1
    specification = Specification(
        task="classification",
        input_shape=(CLASSES, SIDE, SIDE),
        normalization=Normalization((0.0,) * CLASSES, (1.0,) * CLASSES),
        encoder=ArrayEncoder(shape=(CLASSES, SIDE, SIDE)),
        classes=tuple("abcde"),
    )
    split = Split(inputs, targets, tuple(map(str, range(n))))
    return Data("ownership", specification, split, split, split)


def unsmoothed(targets: Tensor, recipe: Recipe) -> Tensor:
    """Smoothing is affine: take back its constant share."""
    for trick in recipe.tricks:
        if isinstance(trick, LabelSmoothing) and trick.form == "uniform":
            targets = (targets - trick.smoothing / CLASSES) / (1 - trick.smoothing)
        elif isinstance(trick, LabelSmoothing):
            spread = trick.smoothing / (CLASSES - 1)
            targets = (targets - spread) / (1 - trick.smoothing - spread)
    return targets


def kinds_differ(pair: tuple[Trick, ...]) -> bool:
    return type(pair[0]) is not type(pair[1])


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("pair", list(filter(kinds_differ, permutations(FEEDERS, 2))), ids=repr)
def test_mass_in_the_pixels_is_mass_in_the_targets(pair: tuple[Trick, Trick]):
    """Through the whole feed: hidden pixels are nobody's, and all others are whose the targets say."""
    data, recipe = ownership(), Recipe(batch_size=20) | pair[0] | pair[1]
    changed = False
    for inputs, targets in Feed(recipe, data.train, data.specification, seed=1).batches(range(6), 6):
        if not targets.is_floating_point():
            targets = as_distributions(targets, data.specification)
        torch.testing.assert_close(targets.sum(1), torch.ones(20))
        assert targets.min() >= 0
        shown = inputs.mean(dim=(2, 3))
        said = unsmoothed(targets, recipe)
        # A pixel owned by nobody has no mass in any channel.
        hidden = 1.0 - inputs.sum(1).mean(dim=(1, 2))
        if recipe.has(Cutout):
            # Each class loses at most what is hidden, and together they lose all of it.
            missing = said - shown
            assert missing.min() >= -1e-5
            torch.testing.assert_close(missing.sum(1), hidden, atol=1e-5, rtol=0)
            assert hidden.max() > 0.1
        else:
            torch.testing.assert_close(shown, said, atol=1e-5, rtol=0)
            assert hidden.abs().max() < 1e-5
        changed = changed or bool((said.max(1).values < 0.99).any()) or recipe.has(Cutout)
    assert changed or not (recipe.has(Mixup) or recipe.has(CutMix)), "nothing was mixed, so nothing was tested"


# Training


@pytest.mark.slow
@pytest.mark.parametrize("pair", UNORDERED, ids=names)
def test_pairs_train_resume_and_mostly_commute(pair, tiny_images: Data, tmp_path):
    """Four steps of both: finite, resumed bit for bit; in either order the same where they share no slot."""
    first, second = (kind() for kind in pair)
    if conflict(first, second):
        pytest.skip("they refuse each other")
    # Steps are 3 an epoch: warm-up's 5 epochs need a longer recipe than the 4 steps that are trained.
    recipe = (home(6.0) | first | second).change(batch_size=12)

    def trained(recipe: Recipe, checkpoint=None) -> Training:
        training = Training(recipe, tiny_images, evaluations=1, checkpoint=checkpoint)
        for step in training:
            assert torch.isfinite(step.loss)
            if step.number == 3:
                break
        return training

    whole = trained(recipe)
    halved = Training(recipe, tiny_images, evaluations=1, checkpoint=tmp_path / "t")
    for _ in zip(range(2), halved, strict=False):
        pass
    halved.save()
    assert_same(whole, trained(recipe, tmp_path / "t"))
    if not edited_slots(first) & edited_slots(second):
        assert_same(whole, trained((home(6.0) | second | first).change(batch_size=12)))


def assert_same(first: Training, second: Training) -> None:
    one, other = (training.evaluation_model().state_dict() for training in (first, second))
    assert first.step == second.step == 4
    assert not [name for name in one if not torch.equal(one[name], other[name])]


def test_one_pair_may_change_another_stages_draws_but_not_the_order_of_examples(tiny_images: Data):
    """Tricks are compared on the same seeds: adding one must not shuffle the data anew."""
    feeds = [
        Feed(recipe, tiny_images.train, tiny_images.specification, seed=3)
        for recipe in (home(), home() | Mixup() | Crop(), home() | Cutout() | Flip())
    ]
    orders = [[indices.tolist() for indices in feed.indices(range(9))] for feed in feeds]
    assert orders[0] == orders[1] == orders[2]


def test_networks_start_equal_under_tricks_that_do_not_touch_them(tiny_images: Data):
    """The same holds for first weights, which no schedule, target or batch trick may move."""
    untouched = [
        kind
        for kind in TRICKS
        if not edited_slots(kind()) & {"model_edits"} and (home() | kind()).model == home().model
    ]
    assert len(untouched) > 15
    expected = Training(home(), tiny_images).learner.model.state_dict()
    for kind in untouched:
        found = Training(home() | kind(), tiny_images).learner.model.state_dict()
        assert all(torch.equal(expected[name], found[name]) for name in expected), kind.__name__


def test_a_trick_that_is_off_trains_as_if_it_were_not_there(tiny_images: Data):
    off = home(1.0) | Mixup(0.0) | CutMix(probability=0.0) | Crop(0) | Cutout(0) | LabelSmoothing(0.0)
    expected, found = (train(recipe, tiny_images).model.state_dict() for recipe in (home(1.0), off))
    # Dense targets sum in another order than class indices.
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, atol=1e-6, rtol=1e-5)
