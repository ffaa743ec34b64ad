"""Trainings on a CUDA device: every trick runs there, and a training there is as repeatable as one on the CPU."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).parent / "tricks"))
from stacks import example, home

from assay.evaluation import predict
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import Training, train
from assay.tricks.average.ema import EMA
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.drop.dropout import Dropout
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.step.sam import SAM

pytestmark = pytest.mark.gpu
STEPS = 3
STACKS = {
    "plain": (),
    "augmented": (Crop(1), Mixup(), EMA(0.9)),
    "fp16": (MixedPrecision("fp16"), Mixup(), Dropout()),
    "bf16": (MixedPrecision("bf16"), SAM()),
}


def small(epochs: float = 4.0) -> Recipe:
    return Recipe(model=ResNet(width=4), optimizer=SGD(learning_rate=0.05), batch_size=8, epochs=epochs)


@pytest.fixture
def data_for(tiny_images, tiny_table):
    return lambda recipe: tiny_images if recipe.task == "classification" else tiny_table


@pytest.fixture
def repeatable(monkeypatch):
    """Convolutions that give the same sums each time, as whoever wants identical weights must ask for."""
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_every_trick_trains_predicts_and_resumes_on_the_device(trick, data_for, tmp_path):
    recipe = home(trick, epochs=2.0) | example(trick)
    data = data_for(recipe)
    training = Training(recipe, data, seed=0, device="cuda", evaluations=1, checkpoint=tmp_path / "training.pt")
    losses = [float(step.loss) for step, _ in zip(training, range(STEPS), strict=False)]
    assert torch.tensor(losses).isfinite().all()
    assert all(parameter.device.type == "cuda" for parameter in training.learner.model.parameters())
    training.save()
    again = Training(recipe, data, seed=0, device="cuda", evaluations=1, checkpoint=tmp_path / "training.pt")
    assert again.step == training.step
    for _ in again:
        pass
    run = again.finish()
    assert predict(run.model, data.validation, data.specification).isfinite().all()


@pytest.mark.parametrize("tricks", STACKS.values(), ids=STACKS)
def test_same_seed_same_weights(tricks, tiny_images, repeatable):
    recipe = small()
    for trick in tricks:
        recipe = recipe | trick
    first, second = (train(recipe, tiny_images, seed=3, device="cuda", evaluations=2) for _ in range(2))
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


@pytest.mark.parametrize("tricks", STACKS.values(), ids=STACKS)
def test_resumed_in_the_middle_it_ends_with_the_same_weights(tricks, tiny_images, repeatable, tmp_path):
    recipe = small()
    for trick in tricks:
        recipe = recipe | trick
    whole = train(recipe, tiny_images, seed=3, device="cuda", evaluations=2)
    broken = Training(recipe, tiny_images, seed=3, device="cuda", evaluations=2, checkpoint=tmp_path / "training.pt")
    for step in broken:
        if step.number == 4:
            break
    broken.save()
    resumed = train(recipe, tiny_images, seed=3, device="cuda", evaluations=2, checkpoint=tmp_path / "training.pt")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, resumed.model.state_dict()[name]), name


def test_trains_as_the_cpu_does(tiny_images, monkeypatch):
    """Same batches, same first weights, same arithmetic up to rounding; TF32 off, since it keeps 10 bits."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    here, there = (train(small() | Crop(1) | Mixup(), tiny_images, seed=3, device=device) for device in ("cpu", "cuda"))
    torch.testing.assert_close(
        torch.tensor(there.history.losses), torch.tensor(here.history.losses), rtol=1e-3, atol=1e-3
    )


def test_leaves_no_global_random_state_of_the_device_touched(tiny_images):
    before = torch.cuda.get_rng_state()
    train(small() | Dropout() | Mixup(), tiny_images, seed=3, device="cuda")
    assert torch.equal(torch.cuda.get_rng_state(), before)


def test_a_split_that_fits_lies_on_the_device_and_one_that_does_not_stays(tiny_images, monkeypatch):
    device = torch.device("cuda")
    assert tiny_images.train.near(device).inputs.device.type == "cuda"
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (tiny_images.train.inputs.nbytes, 0))
    assert tiny_images.train.near(device) is tiny_images.train
