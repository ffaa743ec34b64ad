"""Unusual networks that are right."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.assembly import assemble
from faults.choices import plain_step
from faults.look_alike import LookAlike
from faults.network import ACTIVATIONS, Apply, Behind, Network, replace_modules
from faults.parts import Parts
from faults.planted import EVERYWHERE, IMAGES, LABELLED, LANGUAGE, SEQUENCES, SIGNALS, TABLES, VECTORS
from faults.properties import last_linear
from faults.training import train_program
from faults.worlds.image_networks import Residual

Edit = Callable[[Any], nn.Module]


def edited(edit: Edit) -> Any:
    """An edit of the network."""
    return lambda parts, chance: parts.edit_model(edit)


def fine_tuned(parts: Parts, chance: random.Random) -> Parts:
    """Features that were trained before and are frozen now, under a new head; the optimiser holds all, or the head."""
    trained = assemble(parts.but(make_scheduler=None), name="pretraining", seed=chance.randrange(2**31))
    train_program(trained, epochs=4)
    features, make, head_only = trained.arguments["model"].features, parts.make_model, chance.random() < 0.5

    def make_model() -> nn.Module:
        model: Any = make()
        model.features.load_state_dict(features.state_dict())
        model.features.requires_grad_(False)
        return model

    usual = parts.make_optimizer
    frozen = parts.but(make_model=make_model)
    return frozen.but(make_optimizer=lambda model: usual(model.head)) if head_only else frozen


def zero_branches(model: Any) -> nn.Module:
    """The last norm of each residual branch starts at 0."""
    for module in model.modules():
        if isinstance(module, Residual):
            nn.init.zeros_(module.branch[-1].weight)  # type: ignore[arg-type]
    return model


class SometimesSkipped(nn.Module):
    """Stochastic depth: a block's branch is left out of some training steps, and weighted in evaluation."""

    def __init__(self, block: Any, kept: float) -> None:
        super().__init__()
        self.block, self.kept = block, kept

    def forward(self, values: Tensor) -> Tensor:
        shortcut, branch = self.block.shortcut(values), self.block.branch(values)
        share = torch.rand(len(values), 1, 1, 1) < self.kept if self.training else self.kept
        return self.block.activation(shortcut + share * branch)


def stochastic_depth(model: Any) -> nn.Module:
    replace_modules(model.features, Residual, lambda block: SometimesSkipped(block, 0.8))
    return model


def tied(model: Any) -> nn.Module:
    """The output layer is the embedding."""
    model.head.weight = model.features.embedding.weight
    nn.init.normal_(model.head.weight, 0.0, 0.1)
    return model


def frozen_embedding(model: Any) -> nn.Module:
    """Vectors from elsewhere."""
    nn.init.normal_(model.features.embedding.weight)
    model.features.embedding.weight.requires_grad_(False)
    return model


def fewest_active(values: Tensor) -> Tensor:
    """Only the tenth of largest units passes."""
    if values.dim() != 2:
        return values
    kept = values.topk(max(4, values.shape[1] // 8), dim=1)
    return torch.zeros_like(values).scatter(1, kept.indices, kept.values.relu())


def sparse(model: Any) -> nn.Module:
    """Most units are silent for most examples."""
    model.features = Behind(model.features, Apply(fewest_active))
    return model


def single_layer(parts: Parts, chance: random.Random) -> Parts:
    """Logistic or linear regression."""

    def edit(model: Any) -> nn.Module:
        entering = parts.train.inputs[0][0].numel()
        linear = nn.Linear(entering, last_linear(model.head).out_features)
        flat = isinstance(model.head, nn.Sequential)
        return Network(nn.Flatten(), nn.Sequential(linear, Apply(lambda v: v.squeeze(-1))) if flat else linear)

    return parts.edit_model(edit)


def other_activations(make: Callable[[], nn.Module]) -> Edit:
    def edit(model: nn.Module) -> nn.Module:
        replace_modules(model, ACTIVATIONS, lambda _: make())
        return model

    return edit


def gelu_like_tanh(model: Any) -> nn.Module:
    return other_activations(nn.Tanh)(model)


def much_dropout(model: Any) -> nn.Module:
    model.features = Behind(model.features, nn.Dropout(0.5))
    return model


def weight_norm(model: Any) -> nn.Module:
    """Length and direction of each weight apart."""
    for module in list(model.modules()):
        if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            torch.nn.utils.parametrizations.weight_norm(module)
    return model


def orthogonal(model: Any) -> nn.Module:
    for name, weight in model.named_parameters():
        if weight.dim() == 2 and "embedding" not in name and "positions" not in name:
            nn.init.orthogonal_(weight)
    return model


class ReversedGradient(torch.autograd.Function):
    """The identity; its gradient is reversed on purpose."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return values.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return -0.1 * gradients[0]


class WithDomains(nn.Module):
    """Domain-adversarial: a second head guesses where an example is from, and the features learn to hide it."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.features, self.head = network.features, network.head
        self.domain = nn.Linear(last_linear(network.head).in_features, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.features(inputs))

    def guess(self, inputs: Tensor) -> Tensor:
        return self.domain(ReversedGradient.apply(self.features(inputs)))  # type: ignore[arg-type]


def domain_adversarial(parts: Parts, chance: random.Random) -> Parts:
    """Brighter examples are said to come from another place."""

    def compute(model: Any, batch: Any, loss_fn: Any) -> Tensor:
        (inputs,), targets = parts.form.unpack(batch)
        place = (inputs.flatten(1).mean(1) > 0).long()
        return loss_fn(model(inputs), targets) + 0.1 * nn.functional.cross_entropy(model.guess(inputs), place)

    return parts.edit_model(WithDomains).but(compute_loss=compute, make_step=plain_step)


def scaled_inside(parts: Parts, chance: random.Random) -> Parts:
    """Raw bytes come from the loader; the network scales them."""
    mean, deviation = parts.train.inputs[0].mean(), parts.train.inputs[0].std()

    def edit(model: Any) -> nn.Module:
        model.features = nn.Sequential(Apply(lambda raw: (raw.float() / 255.0 - mean) / deviation), model.features)
        return model

    return parts.edit_model(edit).but(prepare=lambda inputs: ((255.0 * inputs[0]).round().to(torch.uint8),))


def norm_first(parts: Parts, chance: random.Random) -> Parts:
    """Raw columns or waves, and a batch norm that takes their scale away."""

    def edit(model: Any) -> nn.Module:
        shape = parts.train.inputs[0].shape
        norm = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)](shape[1])
        model.features = nn.Sequential(norm, model.features)
        return model

    return parts.edit_model(edit).but(
        prepare=lambda inputs: (100.0 * inputs[0] if len(inputs[0].shape) == 3 else inputs[0],)
    )


NORMS = frozenset({"batch_norm", "group_norm", "layer_norm"})
LOOK_ALIKES = (
    LookAlike("frozen_fine_tuning", "trained features frozen under a new head", fine_tuned, VECTORS,
              lacks=frozenset({"batch_norm"})),
    LookAlike("zero_initialised_branch", "residual branches start at 0", edited(zero_branches), (IMAGES,),
              needs=frozenset({"residual"}), one_of=frozenset({"batch_norm", "group_norm"})),
    LookAlike("stochastic_depth", "blocks are left out at random in training", edited(stochastic_depth), (IMAGES,),
              needs=frozenset({"residual"})),
    LookAlike("batch_norm_in_training", "batch norm makes training outputs depend on the batch",
              lambda parts, chance: parts, VECTORS, needs=frozenset({"batch_norm"})),
    LookAlike("tied_weights", "the output layer is the embedding", edited(tied), (LANGUAGE,)),
    LookAlike("frozen_embedding", "an embedding that is not trained", edited(frozen_embedding),
              (SEQUENCES, LANGUAGE)),
    LookAlike("integer_inputs", "tokens, which have no gradient", lambda parts, chance: parts, (SEQUENCES, LANGUAGE)),
    LookAlike("sparse_activations", "an eighth of the units is active", edited(sparse), (IMAGES, TABLES),
              needs=frozenset({"perceptron"})),
    LookAlike("single_linear_layer", "logistic or linear regression", single_layer, (TABLES,)),
    LookAlike("tanh_network", "tanh all the way", edited(gelu_like_tanh), VECTORS),
    LookAlike("self_normalising", "SELU instead of norms", edited(other_activations(nn.SELU)), (TABLES, SIGNALS),
              lacks=NORMS),
    LookAlike("much_dropout", "half of the features are dropped in training", edited(much_dropout), LABELLED),
    LookAlike("weight_normalised", "length and direction of weights apart", edited(weight_norm), VECTORS,
              lacks=frozenset({"recurrent"})),
    LookAlike("orthogonal_start", "orthogonal first weights", edited(orthogonal), (SEQUENCES, LANGUAGE, TABLES)),
    LookAlike("domain_adversarial", "a gradient reversed on purpose", domain_adversarial, (IMAGES, TABLES),
              needs=frozenset({"classification"}), lacks=frozenset({"batch_norm", "dropout"})),
    LookAlike("bytes_scaled_inside", "raw bytes, scaled by the network itself", scaled_inside, (IMAGES,)),
    LookAlike("norm_before_all", "raw inputs before a batch norm", norm_first, VECTORS),
    LookAlike("both_ways_classifier", "a classifier may read both ways", lambda parts, chance: parts, (SEQUENCES,),
              needs=frozenset({"both_ways"})),
    LookAlike("as_drawn", "nothing unusual", lambda parts, chance: parts, (*EVERYWHERE, *LABELLED)),
)  # fmt: skip
