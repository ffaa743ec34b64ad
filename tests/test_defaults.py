from dataclasses import replace

import pytest
import torch

from assay import defaults
from assay.data.data import Data
from assay.data.specification import Normalization, Specification
from assay.defaults import (
    baseline_recipe,
    candidate_tricks,
    default_batch_size,
    default_model,
    default_recipe,
    model_sizes,
)
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.training.train import Training
from assay.tricks.precision.mixed_precision import MixedPrecision


def shaped(like: Data, *shape: int) -> Specification:
    return replace(like.specification, input_shape=shape, normalization=Normalization((0.0,), (1.0,)))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (3, 20, 30), (1, 4, 40)])
def test_every_candidate_for_images_can_be_added_to_the_baseline(tiny_images: Data, shape: tuple[int, ...]) -> None:
    specification = shaped(tiny_images, *shape)
    baseline = baseline_recipe(specification, 1000)
    for trick in candidate_tricks(specification):
        assert type(trick) in {type(kept) for kept in (baseline | trick).tricks}


def test_a_table_gets_tricks_for_tables_only(tiny_table: Data) -> None:
    names = {type(trick).__name__ for trick in candidate_tricks(tiny_table.specification)}
    assert names.isdisjoint({"Crop", "Flip", "Cutout", "CutMix", "Mixup", "LabelSmoothing", "ZeroGamma", "ResNetD"})
    assert {"OneCycle", "EMA", "WeightDecay", "Dropout"} <= names


def test_every_candidate_trains_on_a_table(tiny_table: Data) -> None:
    baseline = baseline_recipe(tiny_table.specification, len(tiny_table.train), epochs=1)
    for trick in candidate_tricks(tiny_table.specification):
        losses = [float(step.loss) for step in Training(baseline | trick, tiny_table, evaluations=1)]
        assert torch.tensor(losses).isfinite().all(), trick


def test_the_model_follows_the_shape(tiny_images: Data, tiny_table: Data) -> None:
    assert isinstance(default_model(tiny_table.specification), MLP)
    assert isinstance(default_model(shaped(tiny_images, 1, 16, 16)), ConvNet)
    assert isinstance(default_model(shaped(tiny_images, 3, 17, 17)), ResNet)


def test_model_sizes_grow(tiny_images: Data, tiny_table: Data) -> None:
    for specification in (tiny_table.specification, tiny_images.specification, shaped(tiny_images, 3, 32, 32)):
        counts = [
            sum(p.numel() for p in size.build(specification.input_shape, 4).parameters())
            for size in model_sizes(specification)
        ]
        assert counts == sorted(set(counts))


@pytest.mark.parametrize("examples", [1, 16, 319, 640, 1279, 2560, 50_000, 10**6])
def test_batches_are_as_large_as_leaves_an_epoch_enough_steps(examples: int) -> None:
    size = default_batch_size(examples)
    assert size in (16, 32, 64, 128)
    fewest = 10
    assert examples // size >= fewest or size == 16
    assert examples // (4 * size) < 2 * fewest or size == 128


def test_half_precision_is_for_devices_that_have_it(tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "multiplies_bf16", lambda device: device == torch.device("cuda"))
    images = replace(tiny_images.specification, input_shape=(1, 32, 32))
    for recipe in (default_recipe, baseline_recipe):
        assert recipe(images, 24, device=torch.device("cuda")).precision == MixedPrecision("bf16")
        assert recipe(images, 24, device=torch.device("cpu")).precision is None


def test_the_default_recipe_is_for_the_task(tiny_images: Data, tiny_table: Data) -> None:
    for data in (tiny_images, tiny_table):
        recipe = default_recipe(data.specification, len(data.train))
        assert recipe.task == data.specification.task
