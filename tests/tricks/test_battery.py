"""What every trick in the catalog must pass, whoever wrote it."""

from dataclasses import fields, is_dataclass

import pytest
import torch
from stacks import example, home

from assay.recipe import RecipeError, Trick
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.mixup import Mixup
from assay.tricks.card import card
from assay.tricks.catalog import TRICKS
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing

OFF = (
    Crop(padding=0),
    Cutout(size=0),
    Mixup(alpha=0.0),
    CutMix(probability=0.0),
    LabelSmoothing(smoothing=0.0),
    LabelSmoothing(smoothing=0.0, form="others"),
    Focal(gamma=0.0),
    Flooding(level=0.0),
    ConstantLR(),
    LinearDecay(end_factor=1.0),
    StepDecay(milestones=()),
    Cosine(floor=1.0),
    Warmup(epochs=0.0),
)
every_trick = pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)


@every_trick
def test_card_is_complete(trick):
    found = card(trick)
    assert found.source
    assert found.published
    assert found.hurts
    assert ": " in found.summary
    assert found.summary.endswith(".")
    assert "\n" not in found.summary
    assert found.ends or found.slot != "schedule"


@every_trick
def test_is_a_frozen_hashable_value_with_defaults_and_a_docstring(trick):
    made = trick()
    assert is_dataclass(made)
    assert made == trick()
    assert hash(made) == hash(trick())
    assert trick.__doc__
    assert not trick.__doc__.startswith(f"{trick.__name__}(")
    name = next((f.name for f in fields(made)), "anything")
    with pytest.raises((AttributeError, TypeError)):
        setattr(made, name, None)


@every_trick
def test_joins_a_recipe_and_leaves_the_old_one_alone(trick):
    before = home(trick)
    after = before | example(trick)
    assert before == home(trick)
    assert before.tricks == ()
    assert after.tricks == (example(trick),)
    assert after.without(trick) == before
    assert after.key() != before.key()
    assert trick.__name__ in after.describe()


@every_trick
def test_reads_back_from_toml(trick):
    recipe = home(trick) | example(trick)
    again = recipe_from_toml(recipe_to_toml(recipe))
    assert again == recipe
    assert again.key() == recipe.key()
    assert type(again.tricks[0]) is trick


@every_trick
def test_twice_is_an_error_that_names_it(trick):
    with pytest.raises(RecipeError, match=f"{trick.__name__} is already in the recipe; use it once"):
        _ = home(trick) | example(trick) | example(trick)


@every_trick
def test_does_what_it_did_after_another_trick_restacked_the_recipe(trick):
    """`change` applies the stack again: what the trick fills must not depend on when it was applied."""
    recipe = home(trick) | example(trick)
    changed = recipe.change(batch_size=recipe.batch_size)
    assert changed == recipe
    assert changed.filled_by == recipe.filled_by
    assert changed.model == recipe.model
    assert changed.optimizer == recipe.optimizer


@pytest.mark.parametrize("trick", OFF, ids=repr)
def test_switched_off_it_changes_nothing(trick: Trick):
    recipe = home(type(trick)) | trick
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(6, 3, 8, 8, generator=generator)
    targets = torch.eye(6)[:, :4].softmax(1)
    for step in (0, 7, 99):
        clock = Clock(step, 100, 5)
        for edit in recipe.input_edits:
            assert torch.equal(edit(images, torch.arange(6), generator, clock), images)
        for edit in recipe.batch_edits:
            inputs, same = edit(images, targets, generator, clock)
            assert torch.equal(inputs, images)
            assert torch.equal(same, targets)
        for schedule in (recipe.learning_rate_schedule, recipe.learning_rate_warmup, recipe.momentum_schedule):
            assert schedule is None or schedule(clock) == 1.0
    for edit in recipe.target_edits:
        assert torch.equal(edit(targets), targets)
    for edit in recipe.loss_edits:
        assert torch.equal(edit(torch.tensor(0.3)), torch.tensor(0.3))
    outputs = torch.randn(6, 4, generator=generator)
    assert torch.equal(recipe.loss(outputs, targets), home(type(trick)).loss(outputs, targets))
