import math
import random
from dataclasses import dataclass, replace
from itertools import permutations

import pytest
import torch
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.losses import CrossEntropy, MeanSquaredError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError, Trick
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.initialisation.output_bias_init import (
    OutputBiasInit,
    last_linear,
    log_frequencies,
    log_odds,
    set_output_bias,
)
from assay.tricks.loss.binary_cross_entropy import BinaryCrossEntropy
from assay.tricks.loss.class_weights import ClassWeights, WeightedCrossEntropy
from assay.tricks.loss.focal import Focal
from assay.tricks.loss.focal_binary import FocalBinary
from assay.tricks.loss.hard_example_mining import HardExampleMining
from assay.tricks.loss.logit_adjustment import LogitAdjustment
from assay.tricks.loss.sum_loss import SumLoss
from assay.tricks.sampling.balanced_sampling import BalancedSampling, balanced_order
from assay.tricks.sampling.repeated_augmentation import RepeatedAugmentation
from assay.tricks.target.label_smoothing import LabelSmoothing

FREQUENCIES = (0.7, 0.2, 0.06, 0.04)
HOME = Recipe(model=ResNet(8, 2))


@dataclass(frozen=True)
class SilentLoss:
    """A loss of one's own that does not say how it reads outputs."""

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
        return outputs.square().mean()


def first_outputs(recipe: Recipe, specification: Specification) -> Tensor:
    """What the network answers in training where inputs have no say, one row."""
    model = build_model(recipe, specification, seed=0).train()
    nn.init.zeros_(last_linear(model).weight)
    rows = model(torch.randn(6, *specification.input_shape, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(rows, rows[:1].expand_as(rows))
    return rows[0].detach()


def test_by_hand():
    assert log_frequencies([0.5, 0.25, 0.25]).tolist() == pytest.approx([-0.693147, -1.386294, -1.386294])


@pytest.mark.parametrize("frequencies", [[0.5, 0.5], [0.9, 0.1], [0.7, 0.2, 0.05, 0.05]])
def test_softmax_of_the_bias_is_the_frequencies(frequencies):
    assert log_frequencies(frequencies).softmax(0).tolist() == pytest.approx(frequencies)


def test_a_class_nobody_saw_gets_the_floor():
    assert log_frequencies([1.0, 0.0], floor=0.01).tolist() == pytest.approx([0.0, math.log(0.01)])


def test_zero_outputs_then_cost_the_entropy_of_the_targets(tiny_images):
    frequencies = (0.7, 0.1, 0.1, 0.1)
    model = nn.Linear(3, 4)
    set_output_bias(model, replace(tiny_images.specification, class_frequencies=frequencies), Recipe())
    targets = torch.tensor([0] * 7 + [1, 2, 3])
    loss = CrossEntropy()(model(torch.zeros(10, 3)), targets).item()
    assert loss == pytest.approx(-sum(share * math.log(share) for share in frequencies))


def test_only_the_last_layers_bias_changes(tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=(0.7, 0.1, 0.1, 0.1))
    for builder in (MLP(), ResNet(8, 4)):
        recipe = Recipe(model=builder)
        before = build_model(recipe, specification, seed=0).state_dict()
        model = build_model(recipe | OutputBiasInit(), specification, seed=0)
        changed = [name for name, value in model.state_dict().items() if not torch.equal(value, before[name])]
        assert len(changed) == 1
        assert torch.equal(last_linear(model).bias, log_frequencies((0.7, 0.1, 0.1, 0.1)))


def test_regression_starts_at_the_mean_which_is_zero_in_standardised_units(tiny_table):
    model = MLP().build((3,), 1)
    set_output_bias(model, tiny_table.specification, Recipe())
    assert last_linear(model).bias.tolist() == [0.0]


def test_frequencies_that_do_not_match_the_outputs_are_refused(tiny_images):
    message = "OutputBiasInit needs one class frequency for each of the 4 outputs, got 0; fill"
    with pytest.raises(RecipeError, match=message):
        set_output_bias(nn.Linear(2, 4), replace(tiny_images.specification, class_frequencies=()), Recipe())


def test_models_without_an_output_bias_are_refused(tiny_images):
    for model in (nn.ReLU(), nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4, bias=False))):
        with pytest.raises(ValueError, match="must end in a linear layer with a bias, got"):
            set_output_bias(model, tiny_images.specification, Recipe())


@pytest.mark.parametrize("floor", [0.0, -0.1, 1.5, math.nan])
def test_bad_floors_are_refused(floor):
    with pytest.raises(ValueError, match=r"floor must be above 0 and at most 1, got .*; the usual value"):
        OutputBiasInit(floor=floor)
    with pytest.raises(ValueError, match="floor must be"):
        log_frequencies([1.0], floor=floor)


@pytest.mark.parametrize("frequencies", [[0.5, -0.5], [math.nan, 1.0]])
def test_bad_frequencies_are_refused(frequencies):
    with pytest.raises(ValueError, match="frequencies must be finite and at least 0, got"):
        log_frequencies(frequencies)


SOFTMAX = (Focal(0.0), ClassWeights(), HardExampleMining(), SumLoss(), RepeatedAugmentation())
SIGMOIDS = (BinaryCrossEntropy(), BinaryCrossEntropy("mean"), FocalBinary(0.0))
SCALES: tuple[Trick, ...] = (LogitScale(), LogitScale(3.0), LogitAdjustment(), LogitAdjustment(0.5), Fixup())


@pytest.mark.parametrize("other", [*SOFTMAX, *SCALES], ids=repr)
def test_first_answers_are_the_frequencies_whatever_else_is_in_the_recipe(other, tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    for order in permutations((OutputBiasInit(), other)):
        recipe = HOME | order[0] | order[1]
        assert first_outputs(recipe, specification).softmax(0).tolist() == pytest.approx(FREQUENCIES, abs=1e-6)


@pytest.mark.parametrize("loss", SIGMOIDS, ids=repr)
def test_sigmoids_answer_with_each_classs_own_frequency(loss, tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    for order in permutations((OutputBiasInit(), loss, LogitScale())):
        recipe = HOME
        for trick in order:
            recipe = recipe | trick
        assert first_outputs(recipe, specification).sigmoid().tolist() == pytest.approx(FREQUENCIES, abs=1e-6)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_balanced_sampling_changes_what_is_frequent(strength, tiny_images):
    """As counted in an epoch of its order."""
    counts = torch.tensor([700, 200, 60, 40])
    specification = replace(tiny_images.specification, class_frequencies=tuple((counts / 1000).tolist()))
    shown = balanced_order(torch.arange(4).repeat_interleave(counts), torch.Generator(), strength=strength)
    seen = torch.arange(4).repeat_interleave(counts)[shown].bincount() / 1000
    for order in permutations((OutputBiasInit(), BalancedSampling(strength))):
        found = first_outputs(HOME | order[0] | order[1], specification).softmax(0)
        torch.testing.assert_close(found, seen, atol=1e-3, rtol=0)


def test_any_stack_of_them_starts_from_what_training_shows(tiny_images):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(8):
        shares = torch.tensor([chance.uniform(0.01, 1.0) for _ in range(4)], dtype=torch.float64)
        specification = replace(tiny_images.specification, class_frequencies=tuple((shares / shares.sum()).tolist()))
        strength = chance.random()
        tricks = [OutputBiasInit(), LogitScale(chance.uniform(0.1, 3.0)), BalancedSampling(strength),
                  LogitAdjustment(chance.random())]  # fmt: skip
        chance.shuffle(tricks)
        recipe = HOME
        for trick in tricks:
            recipe = recipe | trick
        expected = shares.pow(1.0 - strength) / shares.pow(1.0 - strength).sum()
        torch.testing.assert_close(first_outputs(recipe, specification).softmax(0), expected.float(), atol=1e-5, rtol=0)


def test_a_class_nobody_saw_does_not_answer_first_once_the_adjustment_is_gone(tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=(0.5, 0.3, 0.2, 0.0))
    bias = last_linear(build_model(HOME | OutputBiasInit() | LogitAdjustment(), specification, seed=0)).bias
    assert bias.tolist() == pytest.approx([0.0] * 4, abs=1e-6)


def test_retinanets_prior_by_hand(tiny_images):
    """-log(0.99 / 0.01) = -4.59512."""
    recipe = HOME | FocalBinary(alpha=0.25) | OutputBiasInit(prior=0.01)
    assert first_outputs(recipe, tiny_images.specification).tolist() == pytest.approx([-4.59512] * 4, abs=1e-5)
    assert log_odds((0.5, 0.0, 1.0), floor=0.01).tolist() == pytest.approx([0.0, -4.59512, 4.59512], abs=1e-5)
    assert recipe_from_toml(recipe_to_toml(recipe)) == recipe


def test_what_cannot_be_right_is_refused():
    sigmoids = "OutputBiasInit needs a loss of sigmoids before it for its prior, such as FocalBinary; this recipe has"
    with pytest.raises(RecipeError, match=sigmoids):
        _ = HOME | OutputBiasInit(prior=0.01)
    with pytest.raises(RecipeError, match=sigmoids):
        _ = HOME | OutputBiasInit(prior=0.01) | FocalBinary()
    with pytest.raises(
        RecipeError, match=r"needs a loss whose attribute probabilities is 'softmax' or 'sigmoid'; .*Silent"
    ):
        _ = HOME.change(loss=SilentLoss()) | OutputBiasInit()
    assert (Recipe(loss=MeanSquaredError()) | OutputBiasInit()).has(OutputBiasInit)
    for prior in (0.0, 1.0, math.nan):
        with pytest.raises(ValueError, match=r"prior must be in \(0, 1\), got .*; 0.01 is usual"):
            OutputBiasInit(prior=prior)


def test_weighted_classes_start_where_the_weighted_loss_is_least(tiny_images):
    """Frequencies (0.7, 0.2, 0.06, 0.04) times weights (1, 2, 5, 0.5): (0.7, 0.4, 0.3, 0.02) of 1.42."""
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    weights = ClassWeights((1.0, 2.0, 5.0, 0.5))
    weighted = HOME.change(loss=WeightedCrossEntropy(weights.weights))
    recipes = [
        *(HOME | one | other | LogitScale() for one, other in permutations((OutputBiasInit(), weights))),
        HOME | OutputBiasInit() | LogitAdjustment() | weights,
        *(weighted | OutputBiasInit() | other for other in (HardExampleMining(), SumLoss())),
    ]
    for recipe in recipes:
        found = first_outputs(recipe, specification).softmax(0)
        assert found.tolist() == pytest.approx([0.7 / 1.42, 0.4 / 1.42, 0.3 / 1.42, 0.02 / 1.42], abs=1e-6)


def test_inverse_weights_start_at_equal_answers_and_a_class_of_weight_0_at_the_floor(tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    found = first_outputs(HOME | ClassWeights.from_specification(specification) | OutputBiasInit(), specification)
    assert found.softmax(0).tolist() == pytest.approx([0.25] * 4, abs=1e-6)
    found = first_outputs(HOME | ClassWeights((1.0, 1.0, 1.0, 0.0)) | OutputBiasInit(floor=0.01), specification)
    assert (found - found[0]).exp().tolist() == pytest.approx([1.0, 2 / 7, 6 / 70, 0.01 * 96 / 70], rel=1e-4)


def test_smoothed_targets_have_smoothed_frequencies(tiny_images):
    """0.8 * frequency + 0.2 / 4."""
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    for order in permutations((OutputBiasInit(), LabelSmoothing(0.2))):
        found = first_outputs(HOME | order[0] | order[1], specification).softmax(0)
        assert found.tolist() == pytest.approx([0.61, 0.21, 0.098, 0.082], abs=1e-6)


@pytest.mark.parametrize(
    "loss", [Focal(), Focal(alpha=(1.0, 2.0, 1.0, 1.0)), FocalBinary(), FocalBinary(alpha=0.25)], ids=repr
)
def test_losses_without_a_formula_have_no_slope_at_the_first_answers(loss, tiny_images):
    """The gradient over a data set of these frequencies, written out in finite differences."""
    specification = replace(tiny_images.specification, class_frequencies=FREQUENCIES)
    recipe = HOME | loss | OutputBiasInit()
    targets = torch.arange(4).repeat_interleave(torch.tensor([35, 10, 3, 2]))

    def cost(outputs: Tensor) -> float:
        return float(recipe.loss(outputs.expand(50, 4), targets))

    def slopes(outputs: Tensor) -> list[float]:
        return [(cost(outputs + step) - cost(outputs - step)) / 2e-4 for step in 1e-4 * torch.eye(4).double()]

    best = first_outputs(recipe, specification).double()
    assert slopes(best) == pytest.approx([0.0] * 4, abs=1e-6)
    frequencies = torch.tensor(FREQUENCIES).double()
    at_frequencies = frequencies.logit() if isinstance(loss, FocalBinary) else frequencies.log()
    assert max(map(abs, slopes(at_frequencies))) > 1e-2
    assert cost(best) < cost(at_frequencies)
