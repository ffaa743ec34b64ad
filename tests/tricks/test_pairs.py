"""Contracts over all pairs of tricks: what they share, what they may not, and what both must keep true."""

import math
import random
import re
from dataclasses import fields
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
import torch
from recipe_parts import parts_of
from stacks import example, home, residual, share_a_home
from torch import Tensor

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.recipe import Recipe, RecipeError, Trick
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.training.feed import Feed, as_distributions
from assay.training.train import Training, train
from assay.tricks.batch.blur import Blur
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.batch.mosaic import Mosaic
from assay.tricks.batch.random_area_crop import RandomAreaCrop
from assay.tricks.batch.random_erasing import RandomErasing
from assay.tricks.batch.rare_class_crops import RareClassCrops
from assay.tricks.batch.rotate_scale import RotateScale
from assay.tricks.batch.translate import Translate
from assay.tricks.catalog import TRICKS
from assay.tricks.norm.pca_whitening import PCAWhitening
from assay.tricks.norm.zca_whitening import ZCAWhitening
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing

SHARED = tuple(
    f.name
    for f in fields(Recipe)
    if f.name.endswith(("_edits", "_rules", "penalties", "calibrations", "first_weights"))
)
PARTNERS = 5
"""How many others each trick meets in the quick tests, and is trained with in the slow ones; the slow tests compose
all pairs, the nightly ones train them."""

REFUSED_BY_THE_NETWORK: tuple[tuple[type[Trick], ...], ...] = ((ColOut, PCAWhitening), (ColOut, ZCAWhitening))
"""Pairs that a recipe may hold and the network it makes cannot bear: whitening knows images of one size, and whether
ColOut makes them smaller depends on how large they are."""

every_trick = pytest.mark.parametrize("kind", TRICKS, ids=lambda kind: kind.__name__)


def names(pair: tuple[type, ...]) -> str:
    return "+".join(kind.__name__ for kind in pair)


@cache
def alone(kind: type[Trick]) -> Recipe:
    return home(kind) | example(kind)


@cache
def slots(kind: type[Trick]) -> frozenset[str]:
    """What the trick fills alone."""
    before = {slot for slot, _ in home(kind).filled_by}
    return frozenset(slot for slot, _ in alone(kind).filled_by) - before


def edited_slots(kind: type[Trick]) -> set[str]:
    return {slot for slot in SHARED if getattr(alone(kind), slot)}


def partners(kind: type[Trick]) -> list[type[Trick]]:
    """All others that live in the same network."""
    return [other for other in TRICKS if other is not kind and share_a_home(kind, other)]


def draw_partners(kind: type[Trick]) -> list[type[Trick]]:
    """A few of them, others each time; the seed is printed."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    others = partners(kind)
    return random.Random(seed).sample(others, min(PARTNERS, len(others)))


def stack(*kinds: type[Trick], epochs: float = 20.0) -> Recipe | None:
    """All of them on their common home; None if one cannot stand on the others."""
    recipe = home(kinds[0], epochs)
    try:
        for kind in kinds:
            recipe = recipe | example(kind)
    except RecipeError:
        return None
    return recipe


def refused_by_the_network(*kinds: type[Trick]) -> bool:
    """Whether two of them are such a pair."""
    return any(set(pair) <= set(kinds) for pair in REFUSED_BY_THE_NETWORK)


def join(kind: type[Trick], other: type[Trick]) -> tuple[Recipe | None, str]:
    """Both, or what is said when `other` may not join `kind`."""
    try:
        return alone(kind) | example(other), ""
    except RecipeError as error:
        return None, str(error)


def check_composition(kind: type[Trick], other: type[Trick]) -> None:
    """Two in one exclusive slot are refused by both names; any other two stand together, or one says what it needs."""
    both, refused = join(kind, other)
    assert not refused or other.__name__ in refused, f"{kind.__name__} then {other.__name__}: {refused}"
    if slots(kind) & slots(other):
        assert re.search(f"{other.__name__} and {kind.__name__} both set .*; keep one", refused)
    if both is not None:
        assert both.tricks == (example(kind), example(other))
        assert slots(kind) | slots(other) <= {slot for slot, _ in both.filled_by}


@every_trick
def test_some_pairs_compose_or_refuse_by_name(kind: type[Trick]):
    for other in draw_partners(kind):
        check_composition(kind, other)


@pytest.mark.slow
@every_trick
def test_all_pairs_compose_or_refuse_by_name(kind: type[Trick]):
    for other in partners(kind):
        check_composition(kind, other)


def check_file(kind: type[Trick], other: type[Trick]) -> None:
    """Both read back from TOML to the same recipe, and one can be taken out again."""
    both = stack(kind, other)
    if both is None:
        return
    again = recipe_from_toml(recipe_to_toml(both))
    assert again == both
    assert again.key() == both.key()
    assert both.without(other) == alone(kind)


@pytest.mark.slow
@every_trick
def test_some_pairs_read_back_from_toml_and_can_be_taken_apart(kind: type[Trick]):
    for other in draw_partners(kind)[:2]:
        check_file(kind, other)


@pytest.mark.nightly
@every_trick
def test_all_pairs_read_back_from_toml_and_can_be_taken_apart(kind: type[Trick]):
    for other in partners(kind):
        check_file(kind, other)


def test_a_schedule_with_its_own_warm_up_refuses_another():
    with pytest.raises(RecipeError, match="Warmup and Cosine both set learning rate warmup; keep one of them"):
        _ = residual() | Cosine(warmup_epochs=2) | Warmup()
    with pytest.raises(RecipeError, match="Cosine and Warmup both set learning rate warmup; keep one of them"):
        _ = residual() | Warmup() | Cosine(warmup_epochs=2)


# What pixels say and what targets say

FEEDERS: tuple[Trick, ...] = (
    *(Mixup(1.0), CutMix(alpha=1.0, probability=1.0), Cutout(4)),
    *(LabelSmoothing(0.2), LabelSmoothing(0.2, form="others"), Flip(), Flip("alternating"), Crop(2)),
    *(Mosaic(1.0), RandomErasing(1.0, area=(0.1, 0.3)), ColOut(0.2), RareClassCrops((0, 1))),
    *(RandomAreaCrop(), RotateScale(), Translate(), Blur(1.0)),
    *(MixupOrCutMix(1.0), ProgressiveResizing(start=0.2), Cosine(floor=0.5, of="resolution")),
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


def may_meet(pair: tuple[Trick, ...]) -> bool:
    kinds = {type(trick) for trick in pair}
    alone = ({CutMix, Mosaic, MixupOrCutMix}, {Mixup, MixupOrCutMix}, {ProgressiveResizing, Cosine})
    return len(kinds) == 2 and not any(kinds <= one_of for one_of in alone)


@pytest.mark.slow
@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("pair", list(filter(may_meet, permutations(FEEDERS, 2))), ids=repr)
def test_mass_in_the_pixels_is_mass_in_the_targets(pair: tuple[Trick, Trick]):
    """Through the whole feed: hidden pixels are nobody's, and all others are whose the targets say."""
    data, recipe = ownership(), residual().change(batch_size=20) | pair[0] | pair[1]
    changed, hides = False, recipe.has(Cutout) or recipe.has(RandomErasing)
    for inputs, targets in Feed(recipe, data.train, data.specification, seed=1).batches(range(6), 6):
        if not targets.is_floating_point():
            targets = as_distributions(targets, data.specification)
        torch.testing.assert_close(targets.sum(1), torch.ones(20))
        assert targets.min() >= 0
        shown = inputs.mean(dim=(2, 3))
        said = unsmoothed(targets, recipe)
        # A pixel owned by nobody has no mass in any channel.
        hidden = 1.0 - inputs.sum(1).mean(dim=(1, 2))
        if hides:
            # Each class loses at most what is hidden, and together they lose all of it.
            missing = said - shown
            assert missing.min() >= -1e-5
            torch.testing.assert_close(missing.sum(1), hidden, atol=1e-5, rtol=0)
            assert hidden.max() > 0.1
        else:
            torch.testing.assert_close(shown, said, atol=1e-5, rtol=0)
            assert hidden.abs().max() < 1e-5
        changed = changed or bool((said.max(1).values < 0.99).any()) or hides
    assert changed or not any(map(recipe.has, (Mixup, CutMix, MixupOrCutMix, Mosaic))), (
        "nothing was mixed, so nothing was tested"
    )


# Training


def trained(
    recipe: Recipe, data: Data, checkpoint: Path | None = None, *, steps: int = 4, save_after: int | None = None
) -> Training:
    training = Training(recipe, data, evaluations=1, checkpoint=checkpoint, checkpoint_seconds=math.inf)
    for step in training:
        assert torch.isfinite(step.loss)
        if training.step == save_after:
            training.save()
        if training.step == steps:
            break
    return training


@pytest.fixture
def data(kind: type[Trick], request: pytest.FixtureRequest) -> Data:
    """Four classes of tiny images, or a table of numbers for tricks that live in regression; 3 steps an epoch."""
    return request.getfixturevalue("tiny_table" if home(kind).task == "regression" else "tiny_images")


def check_pair(kind: type[Trick], other: type[Trick], data: Data, folder: Path) -> None:
    """Four steps of both: finite, and resumed bit for bit after two; or refused by name where they must be."""
    # Steps are 3 an epoch, so the kill comes in the middle of one; warm-up needs more epochs than are trained.
    recipe = stack(kind, other, epochs=20.0)
    if recipe is None:
        return
    if refused_by_the_network(kind, other):
        check_refusal(recipe, data)
        return
    # One training is both the one to compare with and the one that was killed: that `save` changes nothing in it is
    # asked of each trick alone.
    checkpoint = folder / names((kind, other))
    expected = trained(recipe, data, checkpoint, save_after=2)
    assert_same(expected, trained(recipe, data, checkpoint))


def check_refusal(recipe: Recipe, data: Data) -> None:
    """No training begins, and the refusal names all tricks of the recipe."""
    with pytest.raises(RecipeError) as refused:
        Training(recipe, data)
    missing = [name for trick in recipe.tricks if (name := type(trick).__name__) not in str(refused.value)]
    assert not missing, f"not named: {missing} in {refused.value}"


@pytest.mark.parametrize("pair", REFUSED_BY_THE_NETWORK, ids=names)
def test_what_only_the_network_refuses_is_refused_by_both_names_in_both_orders(
    pair: tuple[type[Trick], ...], tiny_images: Data
):
    for kind, other in permutations(pair):
        check_refusal(alone(kind) | example(other), tiny_images)


@pytest.mark.slow
@pytest.mark.usefixtures("random_state_untouched")
@every_trick
def test_some_pairs_train_and_resume(kind: type[Trick], data: Data, tmp_path: Path):
    for other in draw_partners(kind):
        check_pair(kind, other, data, tmp_path)


def is_trained_by(kind: type[Trick], other: type[Trick]) -> bool:
    """Whether the pair is trained in the first one's case: in both if order matters, else in one of the two."""
    own, its = TRICKS.index(kind), TRICKS.index(other)
    # Every trick's case has one half of its pairs.
    return (own < its) == ((own + its) % 2 == 0) or not train_alike_in_both_orders(kind, other)


def train_alike_in_both_orders(kind: type[Trick], other: type[Trick]) -> bool:
    """Whether their order leaves no trace in what training is made of."""
    one, another = stack(kind, other), stack(other, kind)
    return one is not None and another is not None and parts_of(one) == parts_of(another)


def test_each_pair_is_trained_by_a_case_and_in_both_orders_where_they_differ():
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    drawn = random.Random(seed).sample([kind for kind in TRICKS if share_a_home(kind)], 6)
    trained = [names(pair) for pair in permutations(drawn, 2) if is_trained_by(*pair)]
    missed = [
        names(pair) for pair in permutations(drawn, 2) if not {names(pair), names(pair[::-1])}.intersection(trained)
    ]
    assert not missed
    assert is_trained_by(Mixup, CutMix)
    assert is_trained_by(CutMix, Mixup)
    assert is_trained_by(Mixup, Warmup) != is_trained_by(Warmup, Mixup)


@pytest.mark.nightly
@every_trick
def test_all_pairs_train_and_resume(kind: type[Trick], data: Data, tmp_path: Path):
    for other in partners(kind):
        if is_trained_by(kind, other):
            check_pair(kind, other, data, tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("random_state_untouched")
def test_random_stacks_of_up_to_six_tricks_train_three_steps(tiny_images: Data):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance, stood = random.Random(seed), 0
    while stood < 40:
        kinds = chance.sample([kind for kind in TRICKS if share_a_home(kind)], chance.randint(2, 6))
        recipe = stack(*kinds)
        if recipe is None or refused_by_the_network(*kinds):
            continue
        print(recipe.describe())
        trained(recipe, tiny_images, steps=3)
        stood += 1


def assert_same(first: Training, second: Training) -> None:
    one, other = (training.evaluation_model().state_dict() for training in (first, second))
    assert first.step == second.step == 4
    assert not [name for name in one if not torch.equal(one[name], other[name])]


def test_one_pair_may_change_another_stages_draws_but_not_the_order_of_examples(tiny_images: Data):
    """Tricks are compared on the same seeds: adding one must not shuffle the data anew."""
    feeds = [
        Feed(recipe, tiny_images.train, tiny_images.specification, seed=3)
        for recipe in (residual(), residual() | Mixup() | Crop(), residual() | Cutout() | Flip())
    ]
    orders = [[indices.tolist() for indices in feed.indices(range(9))] for feed in feeds]
    assert orders[0] == orders[1] == orders[2]


@pytest.mark.slow
def test_networks_start_equal_under_tricks_that_do_not_touch_them(tiny_images: Data):
    """The same holds for first weights, which no schedule, target or batch trick may move."""
    untouched = [
        kind
        for kind in TRICKS
        if share_a_home(kind)
        and not edited_slots(kind) & {"model_edits", "calibrations", "first_weights"}
        and (home(kind) | example(kind)).model == home(kind).model
    ]
    assert len(untouched) > 15
    expected = Training(residual(), tiny_images).learner.model.state_dict()
    for kind in untouched:
        found = Training(residual() | example(kind), tiny_images).learner.model.state_dict()
        assert all(torch.equal(expected[name], found[name]) for name in expected), kind.__name__


def test_a_trick_that_is_off_trains_as_if_it_were_not_there(tiny_images: Data):
    off = residual(1.0) | Mixup(0.0) | CutMix(probability=0.0) | Crop(0) | Cutout(0) | LabelSmoothing(0.0)
    expected, found = (train(recipe, tiny_images).model.state_dict() for recipe in (residual(1.0), off))
    # Dense targets sum in another order than class indices.
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, atol=1e-6, rtol=1e-5)
