"""Manifold mixup: blend two examples at a random layer, so hidden representations become linear in between.

    layer   ~ U(the inputs and the candidate layers),  share ~ Beta(alpha, alpha), one of each for the batch
    hidden  = share * hidden  + (1 - share) * hidden[partner]
    targets = share * targets + (1 - share) * targets[partner]

Candidates are the named layers, or all children with parameters of the outermost nn.Sequential but its last.
Under torch.compile hooks may be compiled away; a blend that did not happen is an error.

Source: Verma et al. 2018, section 2 (arXiv:1806.05236); alpha 2 for CIFAR, 0.2 for Tiny ImageNet.
Measured: ImageNet ResNet-50 23.68 -> 22.50 % error, CIFAR-100 PyramidNet-200 16.45 -> 16.14 (Yun et al. 2019).
Hurts: small networks and short trainings, as mixup does; CIFAR-100 PyramidNet-200 more than input mixup (15.63).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.models.input_layers import PreparedNetwork
from assay.models.recurrent import Recurrent
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.batch.mixup import mixup
from assay.tricks.beta import draw_beta, require_alpha


def candidate_layers(model: nn.Module, names: tuple[str, ...] = ()) -> list[nn.Module]:
    """The layers whose outputs may be blended.

    Raises:
        RecipeError: a name is no layer of the model, or there is no nn.Sequential to choose from.
    """
    layers = dict(model.named_modules())
    missing = [name for name in names if name not in layers]
    if missing:
        known = ", ".join(name for name, _ in model.named_children())
        raise RecipeError(f"ManifoldMixup has no layer {', '.join(missing)} to blend at; the network has {known}")
    if names:
        return [layers[name] for name in names]
    # What prepares inputs is a Sequential too, and its last layer is not what answers.
    network = next((module.model for module in model.modules() if isinstance(module, PreparedNetwork)), model)
    outermost = next((layer for layer in network.modules() if isinstance(layer, nn.Sequential)), None)
    if outermost is None:
        raise RecipeError(f"ManifoldMixup needs the names of layers to blend at: {type(model).__name__} has no "
                          "nn.Sequential; set layers")  # fmt: skip
    return [child for child in list(outermost)[:-1] if any(True for _ in child.parameters())]


def mix_at(
    model: nn.Module, layer: nn.Module, inputs: Tensor, targets: Tensor, partner: Tensor, *, share: float
) -> tuple[Tensor, Tensor]:
    """Outputs of the network with the layer's output blended, and the blended targets; leaves no hook behind.

    Raises:
        RecipeError: the layer did not run exactly once.
    """
    blended = list[Tensor]()

    def blend(module: nn.Module, arguments: Any, hidden: Tensor) -> Tensor:
        mixed, mixed_targets = mixup(hidden, targets, partner, share=share)
        blended.append(mixed_targets)
        return mixed

    with layer.register_forward_hook(blend):
        outputs = model(inputs)
    if len(blended) != 1:
        raise RecipeError(f"ManifoldMixup needs a layer that runs once in each pass, {type(layer).__name__} ran "
                          f"{len(blended)} times; name other layers, and do not compile the network")  # fmt: skip
    return outputs, blended[0]


def check_layers(model: nn.Module, specification: Specification, *, layers: tuple[str, ...]) -> None:
    """Network check: every candidate runs once in a pass and gives one tensor.

    Raises:
        RecipeError: one does not, or there is none.
    """
    # A copy, for it runs as in training, where a network may run otherwise than in evaluation (FlipAverage's does).
    model = copy.deepcopy(model).train()
    candidates = candidate_layers(model, layers)
    if not candidates:
        raise RecipeError(
            "ManifoldMixup needs a layer between inputs and outputs to blend at; use Mixup, or set layers"
        )
    outputs: dict[int, list[object]] = {id(layer): [] for layer in candidates}
    for layer in candidates:
        layer.register_forward_hook(lambda layer, _, given: outputs[id(layer)].append(given))
    with torch.no_grad():
        model(torch.zeros(2, *specification.input_shape))
    for layer in candidates:
        require_blendable(layer, outputs[id(layer)])


def require_blendable(layer: nn.Module, outputs: list[object]) -> None:
    """Refuse a layer by what it gave in one pass.

    Raises:
        RecipeError: not one tensor.
    """
    name = type(layer).__name__
    if len(outputs) != 1:
        raise RecipeError(f"ManifoldMixup needs a layer that runs once in each pass, {name} ran {len(outputs)} times; "
                          "name other layers")  # fmt: skip
    if not isinstance(outputs[0], Tensor):
        raise RecipeError(f"ManifoldMixup needs a layer that gives one tensor, {name} gives a "
                          f"{type(outputs[0]).__name__}; name other layers")  # fmt: skip


def forward_mixed(
    model: nn.Module, inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, alpha: float, layers: tuple[str, ...],
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Forward: draw a layer, a share and a permutation, and blend there."""
    if alpha == 0.0:
        return model(inputs), targets
    candidates = candidate_layers(model, layers)
    chosen = int(torch.randint(0, len(candidates) + 1, (), generator=generator))
    share, partner = draw_beta(alpha, generator), torch.randperm(len(inputs), generator=generator)
    if chosen == 0:
        inputs, targets = mixup(inputs, targets, partner, share=share)
        return model(inputs), targets
    return mix_at(model, candidates[chosen - 1], inputs, targets, partner, share=share)


@dataclass(frozen=True)
class ManifoldMixup:
    """Blend pairs at a random layer. alpha: 2 is usual, 0 is off; layers: their names in the network, none for all."""

    alpha: float = 2.0
    layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_alpha(self.alpha, usual="2 is usual for CIFAR, 0.2 for Tiny ImageNet, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        named = bool(self.layers) or not isinstance(recipe.model, Recurrent)
        recipe.require(named, self, "the names of layers to blend at in a Recurrent network, such as ('last',)")
        if self.alpha:
            recipe = recipe.add(network_checks=partial(check_layers, layers=self.layers))
        return recipe.fill(self, forward=partial(forward_mixed, alpha=self.alpha, layers=self.layers))
