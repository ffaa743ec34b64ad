from dataclasses import replace
from typing import Any

import pytest
import torch

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.errors import InputError
from assay.learner import parameter_groups
from assay.models.resnet import ResNet
from assay.optimizers import SGD, Adam
from assay.presets.catalog import PRESETS, find_preset
from assay.presets.preset import Preset
from assay.presets.rescale import rescale
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.schedule import Clock
from assay.training.train import Training
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.stopping.early_stopping import EarlyStopping
from assay.tricks.weights.lookahead import Lookahead


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_has_provenance_and_reads_back(preset):
    assert preset.published
    assert preset.source
    assert recipe_from_toml(recipe_to_toml(preset.recipe)) == preset.recipe


def test_karpathy_baseline_is_what_the_post_says():
    recipe = find_preset("karpathy-baseline").recipe
    assert recipe.optimizer == Adam(learning_rate=3e-4, weight_decay=0.0)
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_schedule(Clock(99, 100, 10)) == 1.0
    assert not recipe.input_edits
    assert not recipe.batch_edits


def test_book_baseline_is_what_the_book_says():
    recipe = find_preset("book-baseline").recipe
    assert isinstance(recipe.optimizer, SGD)
    assert recipe.optimizer.momentum == 0.9
    assert recipe.has(EarlyStopping)
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_schedule(Clock(100, 100, 10)) == pytest.approx(0.01)


def test_unknown_names_are_refused_with_the_closest():
    with pytest.raises(InputError, match=r"no preset called 'book-base-line'; did you mean book-baseline\?"):
        find_preset("book-base-line")
    with pytest.raises(InputError, match="no preset called 'x'; `assay presets` lists them"):
        find_preset("x")


def test_every_published_row_is_there():
    names = {preset.name for preset in PRESETS}
    rows = {
        *("karpathy-baseline", "book-baseline", "bag-of-tricks-baseline", "bag-of-tricks-efficient", "bag-of-tricks"),
        *("rsb-a1", "rsb-a2", "rsb-a3", "torchvision-v2", "composer-mild", "composer-medium", "composer-hot"),
        *("ffcv-rn50-88", "airbench94", "airbench96", "cifar-sgdr", "cifar-snapshot", "cifar-superconvergence"),
        *("cifar-shake-shake-32", "cifar-shake-shake-64", "cifar-shake-shake-96", "wgan", "wgan-gp"),
    }
    assert names == rows


@pytest.mark.parametrize(
    ("name", "batch_size", "epochs", "rate"),
    [
        ("bag-of-tricks-baseline", 256, 120, 0.1),
        ("bag-of-tricks-efficient", 1024, 120, 0.4),
        ("bag-of-tricks", 1024, 200, 0.4),
        ("rsb-a1", 2048, 600, 5e-3),
        ("rsb-a3", 2048, 100, 8e-3),
        ("torchvision-v2", 1024, 600, 0.5),
        ("composer-hot", 2048, 270, 2.048),
        ("ffcv-rn50-88", 512, 88, 1.7),
        ("airbench94", 1024, 9.9, 11.5 / 1024 / (1 + 1 / 0.15)),
        ("cifar-snapshot", 128, 200, 0.2),
        ("cifar-superconvergence", 1000, 200, 3.0),
        ("wgan", 64, 10, 5e-5),
    ],
)
def test_sizes_and_rates_are_the_published_ones(name: str, batch_size: int, epochs: float, rate: float):
    recipe = find_preset(name).recipe
    assert (recipe.batch_size, recipe.epochs) == (batch_size, epochs)
    assert recipe.optimizer.learning_rate == pytest.approx(rate)


def test_the_bag_of_tricks_starts_from_the_network_before_b():
    """Its table 5: the efficient recipe's 76.21 is of ResNet-50, 76.66 of B, and the refined one is D."""
    names = ("bag-of-tricks-baseline", "bag-of-tricks-efficient", "bag-of-tricks")
    models = [find_preset(name).recipe.model for name in names]
    assert models == [ResNet.imagenet(50, variant) for variant in ("A", "A", "D")]


def test_composers_decay_takes_its_share_off_the_weights_at_the_full_rate():
    """Composer's DecoupledSGDW multiplies weights by 1 - weight_decay at the first rate, and so do these."""
    optimizer = find_preset("composer-mild").recipe.optimizer
    assert optimizer.learning_rate * optimizer.weight_decay == pytest.approx(5e-4)


def test_airbench_decays_norm_biases_as_fast_as_all_other_weights():
    """Its code: the scaler raises the rate of norm biases, but not their decay, 0.0153 for 1024 examples."""
    recipe = find_preset("airbench94").recipe
    model = recipe.model.build((3, 32, 32), 10)
    groups = parameter_groups(model, recipe.parameter_rules, recipe.optimizer)
    defaults = {"lr": recipe.optimizer.learning_rate, "weight_decay": recipe.optimizer.weight_decay}
    settings = [defaults | group for group in groups]
    assert sorted(group["lr"] / defaults["lr"] for group in settings) == pytest.approx([1, 64])
    share = 0.0153 / (1 + 1 / 0.15)
    assert [group["lr"] * group["weight_decay"] for group in settings] == pytest.approx([share] * 2)


def test_airbench_pulls_back_ever_more_and_trains_the_whitening_bias_for_three_epochs():
    """Its code: lookahead keeps 1 - 0.95^5 (step / steps)^3; `whiten_bias_epochs` is 3."""
    for name in ("airbench94", "airbench96"):
        recipe = find_preset(name).recipe
        assert Lookahead(every=5, share=1 - 0.95**5, rise=3.0) in recipe.tricks
        assert PatchWhitening(bias_epochs=3.0) in recipe.tricks


@pytest.mark.parametrize(
    ("name", "mixup_alpha"), [("rsb-a1", 0.2), ("rsb-a2", 0.1), ("rsb-a3", 0.1), ("torchvision-v2", 0.2)]
)
def test_sources_that_draw_one_way_of_mixing_a_batch_do_so_here(name: str, mixup_alpha: float):
    preset = find_preset(name)
    assert MixupOrCutMix(mixup_alpha, cutmix_alpha=1.0, cutmix_share=0.5) in preset.recipe.tricks
    assert not any("mixed up" in deviation for deviation in preset.deviations)


@pytest.mark.parametrize("name", ["rsb-a1", "rsb-a2", "rsb-a3"])
def test_strikes_back_counts_every_class_of_a_mixed_image_in_full(name: str):
    loss = find_preset(name).recipe.loss
    outputs = torch.tensor([[1.0, -2.0, 0.5, 3.0]])
    mixed, present = torch.tensor([[0.7, 0.3, 0.0, 0.0]]), torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    expected = torch.nn.functional.binary_cross_entropy_with_logits(outputs, present, reduction="sum")
    assert float(loss(outputs, mixed)) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rsb-a1", "above 0.2 counts as present"), ("rsb-a1", "which undoes it"),
        ("torchvision-v2", "the source frees norms alone"), ("ffcv-rn50-88", "the source frees norms alone"),
        ("composer-mild", "convolutions are stored so"), ("composer-hot", "convolutions are stored so"),
    ],
)  # fmt: skip
def test_what_differs_is_named(name: str, words: str):
    assert any(words in deviation for deviation in find_preset(name).deviations)


def test_networks_are_stored_channels_last_as_composers_presets_say():
    preset: Any = find_preset("composer-mild").recipe.baseline.model
    network = replace(preset, width=8).build((3, 32, 32), 4)
    kernels = [weight for weight in network.parameters() if weight.ndim == 4 and weight.shape[2] > 1]
    assert kernels
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in kernels)


def test_ffcv_peaks_at_epoch_2_and_grows_its_images_over_epochs_65_to_76():
    recipe = find_preset("ffcv-rn50-88").recipe
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_schedule(Clock(2, 88, 1)) == pytest.approx(1.0)
    (resize,) = recipe.batch_edits
    images, targets = torch.zeros(2, 3, 192, 192), torch.eye(2)
    sides = [resize(images, targets, torch.Generator(), Clock(epoch, 88, 1))[0].shape[2] for epoch in (0, 64, 77, 87)]
    assert sides == [160, 160, 192, 192]


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_takes_a_step(preset: Preset, tiny_colours: Data):
    """Three steps on small colour images, the networks as they are published but for the wide ones."""
    recipe, _ = rescale(preset.recipe, batch_size=8, epochs=30.0)
    model: Any = recipe.baseline.model
    narrower = {"width": 8, "widen": 1} if isinstance(model, ResNet) else {}
    recipe = recipe.change(model=replace(model, **narrower))
    for step in Training(recipe, tiny_colours, evaluations=1):
        assert torch.isfinite(step.loss)
        if step.number == 2:
            break


@pytest.fixture
def tiny_colours() -> Data:
    """24 colour images of 3x32x32 in four classes."""
    inputs = torch.randint(0, 256, (24, 3, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    split = Split(inputs, torch.arange(24) % 4, tuple(map(str, range(24))))
    encoder = ArrayEncoder(shape=(3, 32, 32))
    specification = Specification("classification", (3, 32, 32), Normalization((127.0,) * 3, (74.0,) * 3), encoder,
                                  tuple("abcd"), (0.25,) * 4)  # fmt: skip
    return Data("colours", specification, split, split, split)
