"""What a trick needs of a network: refused by name, at `|` where the recipe knows, else before the first step."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from stacks import example, residual, table
from torch import Tensor, nn

from assay.errors import InputError
from assay.learner import build_learner
from assay.models.airbench import Airbench
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError, Trick
from assay.training.train import Training
from assay.tricks.activation import TRICKS as ACTIVATIONS
from assay.tricks.architecture.blur_pool import BlurPool
from assay.tricks.architecture.small_input import SmallInput
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.manifold_mixup import ManifoldMixup
from assay.tricks.catalog import TRICKS
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.relu_bias import ReluBias
from assay.tricks.initialisation.xavier_init import XavierInit
from assay.tricks.kinds_of_inputs import missing_kind
from assay.tricks.norm.batch_norm import BatchNorm
from assay.tricks.norm.batch_renorm import BatchRenorm
from assay.tricks.norm.cross_iteration_batch_norm import CrossIterationBatchNorm
from assay.tricks.norm.ghost_batch_norm import GhostBatchNorm
from assay.tricks.norm.group_norm import GroupNorm
from assay.tricks.norm.instance_norm import InstanceNorm
from assay.tricks.norm.layer_norm import LayerNorm
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing

NORMS = (GroupNorm, LayerNorm, InstanceNorm, GhostBatchNorm, CrossIterationBatchNorm, BatchRenorm, BatchNorm)
LINEAR = MLP(hidden=())
FLAT = ConvNet((4, 8), head="flatten")


class Plain:
    """A builder that recipes know nothing about: linear layers, and functions where others have modules."""

    def __init__(self, **options: Any) -> None:
        self.bias = options.get("bias", True)

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        values = int(torch.Size(input_shape).numel())
        return Functions(nn.Linear(values, 5, bias=False), nn.Linear(5, num_outputs, bias=self.bias))


class Functions(nn.Module):
    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, inputs: Tensor) -> Tensor:
        return self.second(self.first(inputs.flatten(1)).relu())


def refused(trick: Trick, model: Any, need: str) -> None:
    name = type(trick).__name__
    with pytest.raises(RecipeError, match=f"^{name} needs {need}; this recipe has .*; change that or take it out$"):
        _ = residual().change(model=model) | trick


@pytest.mark.parametrize("trick", [*(kind() for kind in ACTIVATIONS), ReluBias()], ids=repr)
def test_recurrent_layers_have_their_activations_inside(trick):
    refused(trick, Recurrent(width=4), "a network whose activations are layers.*")


@pytest.mark.parametrize(
    "trick", [ColOut(), ProgressiveResizing(), Cosine(of="resolution"), PatchWhitening()], ids=repr
)
def test_a_network_of_one_size_is_shown_no_other(trick):
    refused(trick, FLAT, "a network that takes images of any size")
    refused(trick, Recurrent(width=4), "a network (that takes images of any size|with convolutions)")


@pytest.mark.parametrize("kind", NORMS, ids=lambda kind: kind.__name__)
def test_a_network_without_norms_has_none_to_swap(kind, tiny_images):
    refused(kind(), Recurrent(width=4), "a network (with norms|of layers that a norm can follow)")
    with pytest.raises(RecipeError, match=f"^{kind.__name__}: model must have .*, got Functions without"):
        build_model(residual().change(model=Plain()) | kind(), tiny_images.specification, seed=0)


def test_more_that_recipes_know():
    refused(BlurPool(), Recurrent(width=4), "a convolutional network")
    refused(SmallInput(), Recurrent(width=4), "a convolutional network")
    refused(OutputBiasInit(), Airbench(), "a network whose last layer has a bias")
    refused(ManifoldMixup(), Recurrent(width=4), "the names of layers to blend at in a Recurrent network.*")


@pytest.mark.parametrize(
    ("trick", "model", "says"),
    [
        (
            FillerInit("constant", "biases", 0.3),
            ResNet(width=4),
            "FillerInit: model must have hidden layers with a bias",
        ),
        (ReluBias(), Plain(), "ReluBias: model must have an nn.Sequential in which an activation follows"),
        (ACTIVATIONS[0](), LINEAR, f"{ACTIVATIONS[0].__name__}: model must have activations that are modules"),
        (OutputBiasInit(), Plain(bias=False), "OutputBiasInit: model must end in a linear layer with a bias"),
        (BlurPool(), Plain(), "BlurPool needs strided convolutions or max pools, got Functions without any"),
        (
            ColOut(),
            Plain(),
            r"ColOut: the network, built for 8x8 pixels, cannot work on the 7x7 .*; lower share, or take a network and "
            "tricks for images of any size",
        ),
        (LinearDecay(0.5, of="resolution"), Plain(), "LinearDecay: the network, built for 8x8 pixels, .* the 4x4 that"),
        (
            PatchWhitening(),
            Plain(),
            "PatchWhitening needs a network whose first convolution takes 1 channels, got None",
        ),
        (
            ManifoldMixup(),
            Plain(),
            "ManifoldMixup needs the names of layers to blend at: Functions has no nn.Sequential",
        ),
        (ManifoldMixup(), LINEAR, "ManifoldMixup needs a layer between inputs and outputs to blend at; use Mixup"),
        (
            ManifoldMixup(layers=("memory",)),
            Recurrent(width=4),
            "ManifoldMixup needs a layer that gives one tensor, LSTM",
        ),
        (ManifoldMixup(layers=("no",)), ConvNet((4,)), "ManifoldMixup has no layer no to blend at"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_only_the_network_shows_is_refused_before_the_first_step(trick, model, says, tiny_images):
    recipe = residual().change(model=model) | trick
    with pytest.raises(RecipeError, match=f"^{says}"):
        Training(recipe, tiny_images, evaluations=1)


def test_what_stands_is_left_as_it_was(tiny_images):
    """Checks run the network; its statistics, its mode and the draws after it do not show it."""
    plain = residual().change(model=ConvNet((4, 8)))
    checked = plain | ColOut() | Cosine(floor=0.5, of="resolution") | ManifoldMixup()
    before, cpu = torch.get_rng_state(), torch.device("cpu")
    expected, found = (
        build_learner(recipe, tiny_images.specification, seed=3, device=cpu).model for recipe in (plain, checked)
    )
    assert torch.equal(before, torch.get_rng_state())
    assert found.training
    assert all(module.training for module in found.modules())
    weights = found.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in expected.state_dict().items())
    assert not any(module._forward_hooks for module in found.modules())


def test_a_recurrent_network_blends_where_it_is_told(tiny_images):
    recipe = residual(1.0).change(model=Recurrent(width=4)) | ManifoldMixup(layers=("last",))
    assert all(torch.isfinite(step.loss) for step in Training(recipe, tiny_images, evaluations=1))


def test_a_refusal_begins_with_the_trick_once(tiny_images):
    class Refuses:
        def __call__(self, recipe: Recipe) -> Recipe:
            return recipe.add(calibrations=self.refuse)

        def refuse(self, model: nn.Module, inputs: Tensor) -> None:
            raise InputError("the batch must be larger; set batch_size")

    recipe = residual() | Refuses() | XavierInit()
    with pytest.raises(RecipeError, match=r"^Refuses: the batch must be larger; set batch_size$"):
        build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu"),
                      sample=lambda: torch.zeros(1))  # fmt: skip


ARCHITECTURES = (MLP((6,)), LINEAR, FLAT, ConvNet((4, 8)), Recurrent(width=4), Recurrent("gru", 4), ResNet(width=4))


def check_meeting(kind: type[Trick], recipe: Recipe, request: pytest.FixtureRequest) -> bool:
    """Two finite steps, or a refusal by name before the first; whether it trained."""
    data = request.getfixturevalue("tiny_table" if recipe.task == "regression" else "tiny_images")
    trick = example(kind)
    if missing_kind(trick, data.specification):
        return False
    try:
        changed = recipe | trick
    except RecipeError as error:
        assert kind.__name__ in str(error), error  # noqa: PT017
        return False
    try:
        training = Training(changed, data, evaluations=1)
    except RecipeError as error:
        assert str(error).startswith(kind.__name__), error  # noqa: PT017
        return False
    for step in training:
        assert torch.isfinite(step.loss)
        if training.step == 2:
            break
    return True


def meetings() -> list[tuple[type[Trick], Recipe]]:
    images = [residual().change(model=model) for model in ARCHITECTURES]
    tables = [table().change(model=model) for model in (MLP((6,)), Recurrent("rnn", 16))]
    return [(kind, recipe) for kind in TRICKS for recipe in (*images, *tables)]


def test_some_tricks_meet_networks_they_do_not_live_in(request):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    for kind, recipe in random.Random(seed).sample(meetings(), 25):
        print(kind.__name__, recipe.describe())
        check_meeting(kind, recipe, request)


@pytest.mark.slow
def test_every_trick_meets_every_network(request):
    trained = sum(check_meeting(kind, recipe, request) for kind, recipe in meetings())
    assert trained > len(meetings()) / 3
