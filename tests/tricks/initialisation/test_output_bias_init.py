import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from assay.losses import CrossEntropy
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.output_bias_init import OutputBiasInit, last_linear, log_frequencies, set_output_bias


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
    set_output_bias(model, replace(tiny_images.specification, class_frequencies=frequencies))
    targets = torch.tensor([0] * 7 + [1, 2, 3])
    loss = CrossEntropy()(model(torch.zeros(10, 3)), targets).item()
    assert loss == pytest.approx(-sum(share * math.log(share) for share in frequencies))


def test_only_the_last_layers_bias_changes(tiny_images):
    specification = replace(tiny_images.specification, class_frequencies=(0.7, 0.1, 0.1, 0.1))
    for builder in (MLP(), ResNet(8, 4)):
        model = builder.build((1, 8, 8), 4)
        before = {name: value.clone() for name, value in model.state_dict().items()}
        (edit,) = (Recipe(model=builder) | OutputBiasInit()).model_edits
        edit(model, specification)
        changed = [name for name, value in model.state_dict().items() if not torch.equal(value, before[name])]
        assert len(changed) == 1
        assert torch.equal(last_linear(model).bias, log_frequencies((0.7, 0.1, 0.1, 0.1)))


def test_regression_starts_at_the_mean_which_is_zero_in_standardised_units(tiny_table):
    model = MLP().build((3,), 1)
    set_output_bias(model, tiny_table.specification)
    assert last_linear(model).bias.tolist() == [0.0]


def test_frequencies_that_do_not_match_the_outputs_are_refused(tiny_images):
    message = "OutputBiasInit needs one class frequency for each of the 4 outputs, got 0; fill"
    with pytest.raises(RecipeError, match=message):
        set_output_bias(nn.Linear(2, 4), replace(tiny_images.specification, class_frequencies=()))


def test_models_without_an_output_bias_are_refused(tiny_images):
    for model in (nn.ReLU(), nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4, bias=False))):
        with pytest.raises(ValueError, match="must end in a linear layer with a bias, got"):
            set_output_bias(model, tiny_images.specification)


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
