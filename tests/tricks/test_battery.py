"""What every trick in the catalog must pass, whoever wrote it."""

import json
import sys
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

import pytest
import torch
from child_processes import output_of
from stacks import example, home

from assay.artifact import load_model, save_model
from assay.evaluation import predict
from assay.recipe import RecipeError, Trick
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock
from assay.training.train import Training
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.mixup import Mixup
from assay.tricks.card import card
from assay.tricks.catalog import TRICKS
from assay.tricks.loss.class_weights import ClassWeights
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal
from assay.tricks.loss.hard_example_mining import HardExampleMining
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.restart import Restart
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
    ClassWeights(),
    HardExampleMining(share=1.0),
    ConstantLR(),
    LinearDecay(end_factor=1.0),
    StepDecay(milestones=()),
    Cosine(floor=1.0),
    Warmup(epochs=0.0),
    Chain((ConstantLR(), Cosine(floor=1.0)), at=(0.3,)),
    Product((ConstantLR(), Warmup(epochs=0.0))),
    Restart(ConstantLR(), period_epochs=3.0),
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


def short(kind, tricks=()):
    recipe = home(kind) | example(kind)
    for trick in tricks:
        recipe = recipe | trick
    return recipe


def weights_after(training, steps=4):
    for step in training:
        assert torch.isfinite(step.loss)
        if training.step == steps:
            break
    return training.evaluation_model().state_dict()


@pytest.fixture
def data(trick, request):
    """Four classes of tiny images, or a table of numbers for tricks that live in regression."""
    return request.getfixturevalue("tiny_table" if home(trick).task == "regression" else "tiny_images")


@pytest.mark.slow
@every_trick
@pytest.mark.usefixtures("random_state_untouched")
def test_resumes_bit_for_bit_in_the_middle_of_an_epoch(trick, data, tmp_path):
    """3 steps an epoch: stopped after 2, gone on with to 4; and no global random state is moved by it."""
    recipe = short(trick)
    expected = weights_after(Training(recipe, data, evaluations=1))
    stopped = Training(recipe, data, evaluations=1, checkpoint=tmp_path / "c")
    weights_after(stopped, steps=2)
    stopped.save()
    found = weights_after(Training(recipe, data, evaluations=1, checkpoint=tmp_path / "c"))
    assert list(expected) == list(found)
    assert [name for name in expected if not torch.equal(expected[name], found[name])] == []


@pytest.mark.slow
@every_trick
def test_its_network_is_rebuilt_by_a_saved_model(trick, data, tmp_path):
    """What is loaded answers as what was trained."""
    recipe = short(trick)
    training = Training(recipe, data, evaluations=1)
    weights_after(training, steps=2)
    model = training.evaluation_model()
    save_model(tmp_path, [model], data.specification, recipe)
    expected = predict(model, data.test, data.specification)
    assert torch.equal(load_model(tmp_path).predict(data.test.inputs), expected)


@pytest.mark.slow
@every_trick
def test_trains_under_bf16_autocast(trick, data):
    recipe = short(trick)
    if "precision" in dict(recipe.filled_by):
        pytest.skip("it sets the precision itself")
    weights_after(Training(recipe | MixedPrecision("bf16"), data, evaluations=1), steps=2)


@pytest.mark.slow
@every_trick
def test_loader_workers_change_nothing(trick, data):
    """The same images, decoded on demand here and by two processes."""
    train = data.train
    lazy = replace(data, train=replace(train, inputs=Listed(tuple(train.inputs.unbind()))))
    recipe = short(trick)
    one, other = (weights_after(Training(recipe, lazy, evaluations=1, workers=workers), steps=4) for workers in (0, 2))
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


@pytest.mark.slow
def test_none_moves_pythons_global_random_state():
    """Importing a library can: so does sklearn's."""
    program = [sys.executable, Path(__file__).parent / "python_random_state.py"]
    told = json.loads(output_of(program, Path(__file__).parents[2]))
    assert told == {"tried": len(TRICKS), "moved": []}


@pytest.mark.slow
def test_networks_can_be_compiled():
    """Traced by torch.compile; a trick that cannot be says so in its card, in these words."""
    program = [sys.executable, Path(__file__).parent / "compile_networks.py"]
    told = json.loads(output_of(program, Path(__file__).parents[2], seconds=600))
    assert len(told["tried"]) > 3
    admitted = {kind.__name__ for kind in TRICKS if "torch.compile" in card(kind).hurts}
    assert {name: why for name, why in told["failed"].items() if name not in admitted} == {}


@dataclass(frozen=True)
class Listed:
    """Lazy inputs that are in memory after all."""

    images: tuple[torch.Tensor, ...]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index]

    def select(self, indices):
        return Listed(tuple(self.images[index] for index in indices))
