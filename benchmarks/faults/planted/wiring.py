"""Faults in the forward pass: examples that meet, gradients that stop, inputs that are lost, chance that stays on."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.fault import Fault
from faults.network import Apply, Behind
from faults.parts import Parts
from faults.planted import AUTOENCODERS, EVERYWHERE, LABELLED, LANGUAGE, SEQUENCES, SIGNALS, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import evaluation_varies, features_without_gradient, last_linear, leaks_over_batch, steps_taken
from faults.symptoms import trains_worse

Edit = Callable[[Tensor], Tensor]


def behind_features(make: Callable[[Any], nn.Module]) -> Any:
    """Plants make(model) between features and head."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        def edit(model: Any) -> nn.Module:
            model.features = Behind(model.features, make(model))
            return model

        return parts.edit_model(edit)

    return plant


class WithoutGradient(nn.Module):
    """The features under torch.no_grad."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, *inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.features(*inputs)


class InPlainList(nn.Module):
    """Layers in a plain list, where parameters() does not find them."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.layers = [features]

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.layers[0](*inputs)

    def train(self, mode: bool = True) -> InPlainList:
        # So that the fault is the one that is told, and no other beside it.
        self.layers[0].train(mode)
        return super().train(mode)


class BatchAttention(nn.Module):
    """x + attention over the batch axis, as without batch_first."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 1)

    def forward(self, values: Tensor) -> Tensor:
        row = values[:, None]
        return values + self.attention(row, row, row, need_weights=False)[0][:, 0]


class Memory(nn.Module):
    """Carries a state from one call to the next and never forgets it."""

    def __init__(self) -> None:
        super().__init__()
        self.state: Any = 0.0

    def forward(self, values: Tensor) -> Tensor:
        self.state = (0.5 * self.state + values.mean(0)).detach()
        return values + self.state


class WrongWay(torch.autograd.Function):
    """A gradient written by hand, with the wrong sign."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return values.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return -gradients[0]


def edit_features(wrap: Callable[[nn.Module], nn.Module]) -> Any:
    """Plants another module around the features."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        def edit(model: Any) -> nn.Module:
            model.features = wrap(model.features)
            return model

        return parts.edit_model(edit)

    return plant


def view_for_permute(parts: Parts, chance: random.Random) -> Parts:
    """(batch, channels, time) reshaped, not permuted, to (time, batch, channels)."""

    def edit(model: Any) -> nn.Module:
        model.features.order = lambda waves: waves.reshape(waves.shape[2], waves.shape[0], waves.shape[1])
        return model

    return parts.edit_model(edit)


def batch_norms_never_follow(parts: Parts, chance: random.Random) -> Parts:
    """momentum=0: the running statistics stay at 0 and 1."""

    def edit(model: nn.Module) -> nn.Module:
        for module in model.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.momentum = 0.0
        return model

    return parts.edit_model(edit)


def statistics_stand_still(faulty: Program, sibling: Program) -> Proof:
    """After some steps the running means are still 0, and the sibling's are not."""
    sick, well = _running_means(faulty), _running_means(sibling)
    return Proof(sick == 0.0 and well > 0.0, f"running means reach {sick:.2g}, healthy {well:.2g}")


def _running_means(program: Program) -> float:
    steps_taken(program)
    return max(buffer.abs().max().item() for name, buffer in program.arguments["model"].named_buffers()
               if name.endswith("running_mean"))  # fmt: skip


def trained_outside_parameters(faulty: Program, sibling: Program) -> Proof:
    """Tensors that the loss depends on are not among the model's parameters."""
    sick, well = _strangers(faulty), _strangers(sibling)
    return Proof(sick > 0 and well == 0, f"{sick} tensors in the graph are no parameters, healthy {well}")


def _strangers(program: Program) -> int:
    model = program.arguments["model"]
    inputs, targets = program.parts.form.unpack(next(iter(program.arguments["train_loader"])))
    known = {id(parameter) for parameter in model.parameters()}
    todo, seen, strangers = [program.arguments["loss_fn"](model(*inputs), targets).grad_fn], set(), set()
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        todo += [following for following, _ in node.next_functions]
        leaf = getattr(node, "variable", None)
        strangers |= {id(leaf)} if leaf is not None and id(leaf) not in known else set()
    return len(strangers)


def by_batch(values: Tensor) -> Tensor:
    return (values - values.mean(0)) / (values.std(0) + 1e-3)


def noisy(values: Tensor) -> Tensor:
    return values + 0.3 * torch.randn_like(values)


def dropped(values: Tensor) -> Tensor:
    return nn.functional.dropout(values, 0.5)


def width_of(model: Any) -> int:
    return last_linear(model.head).in_features


def behind(function: Edit) -> Any:
    """Plants a function between features and head."""
    return behind_features(lambda model: Apply(function))


LEAK, CUT = frozenset({"batch_dependency"}), frozenset({"parameters_trained"})
CHANCE = frozenset({"evaluation_deterministic", "train_eval_mode"})
FAULTS = (
    Fault("view_for_permute", "view where permute was meant: time and batch mix", LEAK, view_for_permute,
          leaks_over_batch, (SIGNALS,), needs=frozenset({"gru"})),
    Fault("attention_over_batch", "attention looks along the batch, for want of batch_first", LEAK,
          behind_features(lambda model: BatchAttention(width_of(model))), leaks_over_batch, LABELLED),
    Fault("standardised_over_batch", "features are standardised over the batch by hand, in evaluation too", LEAK,
          behind(by_batch), leaks_over_batch, LABELLED),
    Fault("first_example_for_all", "values[0] is used for the whole batch", LEAK | {"input_independent_baseline"},
          behind(lambda values: values[:1].expand_as(values)), leaks_over_batch, LABELLED),
    Fault("state_never_reset", "a state is carried from one batch to the next",
          frozenset({"evaluation_deterministic", "batch_dependency", "seed_reproducible"}),
          behind_features(lambda model: Memory()), evaluation_varies, (*LABELLED, LANGUAGE)),
    Fault("features_detached", "features are detached before the head", CUT, behind(Tensor.detach),
          features_without_gradient, EVERYWHERE, lacks=frozenset({"variational"})),
    Fault("features_without_grad_mode", "the features run under no_grad", CUT, edit_features(WithoutGradient),
          features_without_gradient, (*VECTORS, SEQUENCES)),
    Fault("layers_in_plain_list", "layers are kept in a list, so the optimiser never gets them", CUT,
          edit_features(InPlainList), trained_outside_parameters, (*VECTORS, AUTOENCODERS)),
    Fault("inputs_ignored", "a leftover of debugging replaces the features by zeros",
          frozenset({"input_independent_baseline", "parameters_trained"}), behind(torch.zeros_like), trains_worse,
          (*LABELLED, LANGUAGE)),
    Fault("batch_norm_never_follows", "batch norm with momentum 0 keeps statistics of 0 and 1",
          frozenset({"train_eval_mode"}), batch_norms_never_follow, statistics_stand_still, VECTORS,
          needs=frozenset({"batch_norm"})),
    Fault("rounded_features", "features are rounded, and no gradient passes",
          CUT | {"gradient_check", "vanishing_gradients"}, behind(torch.round), features_without_gradient, VECTORS),
    Fault("gradient_of_wrong_sign", "a backward pass written by hand has the wrong sign",
          frozenset({"gradient_check", "step_direction"}), behind(lambda values: WrongWay.apply(values)),
          trains_worse, VECTORS),
    Fault("noise_in_evaluation", "noise is added in evaluation too", CHANCE, behind(noisy), evaluation_varies,
          (*LABELLED, LANGUAGE)),
    Fault("dropout_in_evaluation", "functional dropout without training=self.training", CHANCE, behind(dropped),
          evaluation_varies, (*LABELLED, LANGUAGE)),
)  # fmt: skip
