"""Unusual training steps that are right."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from faults.look_alike import LookAlike
from faults.parts import ComputeLoss, Parts, TrainingStep
from faults.planted import EVERYWHERE, IMAGES, LABELLED, LANGUAGE, TABLES, VECTORS


def accumulating(parts: Parts, chance: random.Random) -> Parts:
    """An update every few batches, from the mean of their losses; the counter lives in the step."""
    every = chance.choice([2, 4])

    def make_step(compute: ComputeLoss) -> TrainingStep:
        seen = [0]

        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            loss = compute(model, batch)
            (loss / every).backward()
            seen[0] += 1
            if seen[0] % every == 0:
                optimizer.step()
                optimizer.zero_grad()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step, batch_size=max(8, parts.batch_size // every), make_scheduler=None)


def in_pieces(parts: Parts, chance: random.Random) -> Parts:
    """Each batch is cut in two, and one update made from the mean of their gradients."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            inputs, targets = parts.form.unpack(batch)
            optimizer.zero_grad()
            half, total = (len(targets) + 1) // 2, 0.0
            for piece in (slice(None, half), slice(half, None)):
                if len(targets[piece]) < 2:
                    continue
                share = len(targets[piece]) / len(targets)
                loss = share * compute(model, parts.form.pack(tuple(x[piece] for x in inputs), targets[piece]))
                loss.backward()
                total += loss.item()
            optimizer.step()
            return total

        return training_step

    return parts.but(make_step=make_step)


def in_bfloat16(parts: Parts, chance: random.Random) -> Parts:
    """Mixed precision."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = compute(model, batch)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step)


def mixed_up(parts: Parts, chance: random.Random) -> Parts:
    """Mixup: inputs mixed with the batch in another order, and the loss mixed alike."""
    loss_fn, concentration = parts.loss_fn, chance.choice([0.2, 1.0])

    def make_step(_: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            (inputs,), targets = parts.form.unpack(batch)
            share = torch.distributions.Beta(concentration, concentration).sample()
            other = torch.randperm(len(targets))
            outputs = model(share * inputs + (1.0 - share) * inputs[other])
            loss = share * loss_fn(outputs, targets) + (1.0 - share) * loss_fn(outputs, targets[other])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step)


def towards_flat_places(parts: Parts, chance: random.Random) -> Parts:
    """SAM: the gradient is taken a little uphill, and the update made from where one was."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            optimizer.zero_grad()
            loss = compute(model, batch)
            loss.backward()
            held = [weight for weight in model.parameters() if weight.grad is not None]
            norm = torch.stack([weight.grad.norm() for weight in held]).norm() + 1e-12  # type: ignore[union-attr]
            moves: list[Tensor] = [0.02 * weight.grad / norm for weight in held]  # type: ignore[operator]
            with torch.no_grad():
                for weight, move in zip(held, moves, strict=True):
                    weight.add_(move)
            optimizer.zero_grad()
            compute(model, batch).backward()
            with torch.no_grad():
                for weight, move in zip(held, moves, strict=True):
                    weight.sub_(move)
            optimizer.step()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step)


def clipped_by_value(parts: Parts, chance: random.Random) -> Parts:
    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            optimizer.zero_grad()
            loss = compute(model, batch)
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimizer.step()
            return loss.item()

        return training_step

    return parts.but(make_step=make_step)


def with_closure(parts: Parts, chance: random.Random) -> Parts:
    """L-BFGS, which evaluates the loss as often as it likes; full batches as it wants them."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            def closure() -> Tensor:
                optimizer.zero_grad()
                loss = compute(model, batch)
                loss.backward()
                return loss

            return optimizer.step(closure)  # type: ignore[arg-type]

        return training_step

    return parts.but(
        make_step=make_step, make_scheduler=None, batch_size=len(parts.train), epochs=6,
        make_optimizer=lambda model: torch.optim.LBFGS(
            model.parameters(), lr=1.0, max_iter=8, line_search_fn="strong_wolfe"),
    )  # fmt: skip


class WithAverage(nn.Module):
    """A network and the moving average of its weights, kept as buffers."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network, self.features, self.head = network, network.features, network.head
        for name, weight in network.named_parameters():
            self.register_buffer("average_" + name.replace(".", "_"), weight.detach().clone())

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.network(*inputs, **named)

    @torch.no_grad()
    def follow(self) -> None:
        for name, weight in self.network.named_parameters():
            self.get_buffer("average_" + name.replace(".", "_")).lerp_(weight, 0.05)


def averaged(parts: Parts, chance: random.Random) -> Parts:
    """A moving average follows each step."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: Any, batch: Any, optimizer: Optimizer) -> Any:
            optimizer.zero_grad()
            loss = compute(model, batch)
            loss.backward()
            optimizer.step()
            model.follow()
            return loss.detach()

        return training_step

    return parts.edit_model(WithAverage).but(make_step=make_step)


LOOK_ALIKES = (
    LookAlike("gradient_accumulation", "an update every few batches, from the mean of their gradients", accumulating,
              EVERYWHERE),
    LookAlike("batch_in_pieces", "each batch in two backward passes", in_pieces, EVERYWHERE,
              lacks=frozenset({"batch_norm"})),
    LookAlike("mixed_precision", "the forward pass in bfloat16", in_bfloat16, (IMAGES, TABLES)),
    LookAlike("mixup_in_step", "inputs and losses mixed inside the step", mixed_up, VECTORS,
              needs=frozenset({"classification"})),
    LookAlike("sharpness_aware", "two passes, the first a little uphill", towards_flat_places, LABELLED,
              lacks=frozenset({"batch_norm", "dropout"})),
    LookAlike("gradients_clipped_by_value", "gradients clipped at a half", clipped_by_value, (*LABELLED, LANGUAGE)),
    LookAlike("closure_of_lbfgs", "L-BFGS with full batches and a closure", with_closure, (TABLES,),
              lacks=frozenset({"dropout", "batch_norm"})),
    LookAlike("moving_average", "averaged weights in buffers follow each step", averaged, VECTORS),
)  # fmt: skip
