"""Two tricks that change the network make one network in both orders, or are refused in both by one error.

Of the pairs of all tricks that change it, each of which can stand alone on the same recipe. One network: its weights
and buffers after the calibrations, what is trained and how, and its answers in training and in evaluation.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

import pytest
import torch
from stacks import example, residual
from torch import Tensor

from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.errors import InputError
from assay.learner import build_learner
from assay.loop import Learner
from assay.models.builder import ModelBuilder
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError, Trick
from assay.tricks.activation.prelu import PReLU
from assay.tricks.architecture.blur_pool import BlurPool
from assay.tricks.architecture.last_layer_only import LastLayerOnly
from assay.tricks.catalog import TRICKS
from assay.tricks.drop.drop_connect import DropConnect
from assay.tricks.drop.dropout2d import Dropout2d
from assay.tricks.drop.input_dropout import InputDropout
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.initialisation.layer_sequential_init import LayerSequentialInit
from assay.tricks.initialisation.relu_bias import ReluBias
from assay.tricks.initialisation.xavier_init import XavierInit
from assay.tricks.loss.logit_adjustment import LogitAdjustment
from assay.tricks.norm.batch_norm import BatchNorm
from assay.tricks.norm.global_contrast_norm import GlobalContrastNorm
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.norm.spectral_norm import SpectralNorm
from assay.tricks.norm.zca_whitening import ZCAWhitening

CPU = torch.device("cpu")
NETWORKS: tuple[ModelBuilder, ...] = (
    ResNet(8, width=2),
    ConvNet((3, 4)),
    MLP((6, 5)),
    Recurrent(width=3),
    Recurrent("rnn", width=16),
    ResNet(11, width=2, block="bottleneck", downsampling="A"),
    ConvNet((3, 4), head="flatten"),
)
"""Each pair is tried on the first of them that bears both, every night on all."""

NETWORK_SLOTS = ("model_edits", "first_weights", "network_checks", "calibrations")
DRAWS = 12
PARTNERS = 6


SPECIFICATION = Specification(
    task="classification",
    input_shape=(1, 8, 8),
    normalization=Normalization((0.4,), (0.2,)),
    encoder=ArrayEncoder(shape=(1, 8, 8)),
    classes=tuple("abcd"),
    class_frequencies=(0.4, 0.3, 0.2, 0.1),
)
INPUTS = torch.randn(24, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def stack(network: ModelBuilder, *tricks: Trick) -> Recipe:
    """All of them on the network."""
    recipe = residual().change(model=network)
    for trick in tricks:
        recipe = recipe | trick
    return recipe


def start(recipe: Recipe) -> Learner:
    """The start of its training, calibrated."""
    return build_learner(recipe, SPECIFICATION, seed=0, device=CPU, sample=lambda: INPUTS)


@cache
def stands(trick: Trick, network: ModelBuilder) -> bool:
    """Whether the trick can be alone on the network."""
    try:
        start(stack(network, trick)).model(INPUTS)
    except InputError:
        return False
    return True


def changes(trick: Trick, network: ModelBuilder) -> bool:
    """Whether the trick alone changes the network, or asks something of it."""
    try:
        recipe = stack(network, trick)
    except RecipeError:
        return False
    return recipe.model != network or any(getattr(recipe, slot) for slot in NETWORK_SLOTS)


EDITORS: tuple[Trick, ...] = tuple(
    trick
    for trick in (*(example(kind) for kind in TRICKS), FillerInit("gaussian", "biases", 0.1))
    if any(changes(trick, network) for network in NETWORKS)
)


def homes_of(first: Trick, second: Trick) -> Iterator[ModelBuilder]:
    """The networks that bear each of them alone."""
    return (network for network in NETWORKS if stands(first, network) and stands(second, network))


@dataclass
class Outcome:
    """What a training starts from."""

    state: dict[str, Tensor]
    trained: dict[str, bool]
    settings: dict[str, dict[str, object]]
    in_training: Tensor
    in_evaluation: Tensor


def settings_of(learner: Learner) -> dict[str, dict[str, object]]:
    """By parameter: what the optimiser was told of it."""
    groups = [(set(map(id, group["params"])), {**group, "params": ()}) for group in learner.optimizer.param_groups]
    named = learner.model.named_parameters()
    return {name: group for name, parameter in named for members, group in groups if id(parameter) in members}


def outcome(network: ModelBuilder, *tricks: Trick) -> Outcome | str:
    """The start of a training, or the words of the refusal, in which a trick is a trick whatever its name."""
    answers: list[Tensor] = []
    try:
        learner = start(stack(network, *tricks))
        state = {name: value.clone() for name, value in learner.model.state_dict().items()}
        for training in (True, False):
            torch.manual_seed(2)
            answers.append(learner.model.train(training)(INPUTS).detach())
    except InputError as error:
        return refusal(str(error), {type(trick).__name__ for trick in tricks})
    trained = {name: parameter.requires_grad for name, parameter in learner.model.named_parameters()}
    return Outcome(state, trained, settings_of(learner), *answers)


def refusal(message: str, names: set[str]) -> str:
    """The message, which must name both tricks, without their names."""
    assert all(name in message for name in names), f"refused without both names: {message}"
    return re.sub("|".join(names), "trick", message)


def check(network: ModelBuilder, first: Trick, second: Trick) -> bool:
    """Both orders give one outcome; whether that is a network."""
    one, other = (outcome(network, *order) for order in ((first, second), (second, first)))
    where = f"{first} and {second} on {network}"
    if isinstance(one, str) or isinstance(other, str):
        assert one == other, where
        return False
    assert list(one.state) == list(other.state), where
    different = [name for name, value in one.state.items() if not torch.equal(value, other.state[name])]
    assert not different, where
    assert one.trained == other.trained, where
    assert one.settings == other.settings, where
    assert torch.equal(one.in_training, other.in_training), where
    assert torch.equal(one.in_evaluation, other.in_evaluation), where
    return True


@pytest.mark.parametrize(
    "pair",
    [
        *((LastLayerOnly(), other) for other in (PReLU(), Fixup(), PatchWhitening(), LayerSequentialInit())),
        *((PatchWhitening(), other) for other in (ReluBias(), PReLU(), XavierInit(), SpectralNorm(), Fixup())),
        *((PatchWhitening(), other) for other in (GlobalContrastNorm(), InputDropout(), LogitScale())),
        *((ReluBias(), other) for other in (Dropout2d(), BatchNorm(), PReLU())),
        *((SpectralNorm(), other) for other in (DropConnect(), XavierInit())),
        *((FillerInit(), other) for other in (FillerInit("gaussian", "biases", 0.1), SpectralNorm())),
        *((Fixup(), BlurPool()), (LogitScale(), LogitAdjustment()), (ZCAWhitening(), LayerSequentialInit())),
    ],
    ids=lambda pair: "+".join(type(trick).__name__ for trick in pair),
)
def test_pairs_that_once_depended_on_their_order(pair):
    first, second = pair
    assert check(next(homes_of(first, second)), first, second)


def test_some_pairs_make_one_network_in_both_orders():
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance, stood = random.Random(seed), 0
    while stood < DRAWS:
        pair = chance.sample(EDITORS, 2)
        home = next(homes_of(pair[0], pair[1]), None)
        stood += home is not None and check(home, pair[0], pair[1])


def partners(trick: Trick) -> list[Trick]:
    """The tricks to pair it with, so that each pair comes once."""
    return list(EDITORS[EDITORS.index(trick) + 1 :])


def check_everywhere(trick: Trick, others: list[Trick], *, networks: int) -> None:
    """On the first networks that bear both."""
    for other in others:
        for home in islice(homes_of(trick, other), networks):
            check(home, trick, other)


every_editor = pytest.mark.parametrize("trick", EDITORS, ids=repr)


@pytest.mark.slow
@every_editor
def test_some_partners_of_each_make_one_network_in_both_orders_or_are_refused_in_both(trick):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    check_everywhere(trick, random.Random(seed).sample(EDITORS, PARTNERS), networks=1)


@pytest.mark.nightly
@every_editor
def test_all_pairs_on_every_network(trick):
    check_everywhere(trick, partners(trick), networks=len(NETWORKS))
