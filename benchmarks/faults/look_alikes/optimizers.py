"""Unusual optimisers and schedules that are right."""

from __future__ import annotations

import math
import random
from typing import Any, Literal

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler

from faults.look_alike import LookAlike
from faults.parts import Parts
from faults.planted import AUTOENCODERS, EVERYWHERE, IMAGES, LABELLED, SIGNALS, TABLES, TWO_NETWORKS, VECTORS


def scheduled(make: Any, interval: Literal["step", "epoch"] = "step") -> Any:
    """Another schedule."""
    return lambda parts, chance: parts.but(make_scheduler=make, scheduler_interval=interval)


def warm_from_zero(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    warm = max(1, steps * epochs // 8)
    return lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / warm))


def to_zero(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)


def linear_to_zero(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps * epochs)


def one_cycle(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.OneCycleLR(optimizer, 2.0 * optimizer.param_groups[0]["lr"], total_steps=steps * epochs + 1,
                                   cycle_momentum=False)  # fmt: skip


def warm_restarts(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    period = max(1, math.ceil(epochs / 3))
    return lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=period)


def decay_in_groups(parts: Parts, chance: random.Random) -> Parts:
    """Weights decay; biases and norms do not."""
    decay, rate = chance.choice([0.01, 0.1]), chance.uniform(1.5e-3, 3e-3)

    def make(model: nn.Module) -> Optimizer:
        weights = [p for p in model.parameters() if p.dim() > 1]
        others = [p for p in model.parameters() if p.dim() <= 1]
        return torch.optim.AdamW([{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}],
                                 lr=rate)  # fmt: skip

    return parts.but(make_optimizer=make)


def slower_features(parts: Parts, chance: random.Random) -> Parts:
    """The features learn at a tenth of the head's rate."""

    def make(model: Any) -> Optimizer:
        return torch.optim.Adam([{"params": model.features.parameters(), "lr": 8e-4},
                                 {"params": model.head.parameters(), "lr": 8e-3}])  # fmt: skip

    return parts.but(make_optimizer=make)


def fast_sgd(parts: Parts, chance: random.Random) -> Parts:
    """SGD at .1 and more, which batch norm bears."""
    rate = chance.choice([0.1, 0.15])
    return parts.but(make_optimizer=lambda model: torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9,
                                                                  weight_decay=5e-4))  # fmt: skip


def unusual(make: Any) -> Any:
    """Another optimiser."""
    return lambda parts, chance: parts.but(make_optimizer=make)


SMOOTH = frozenset({"recurrent"})
LOOK_ALIKES = (
    LookAlike("warm_up_from_zero", "the first step's rate is 0", scheduled(warm_from_zero), EVERYWHERE),
    LookAlike("cosine_to_zero", "half a cosine down to 0 over the whole training", scheduled(to_zero, "epoch"),
              (*EVERYWHERE, TWO_NETWORKS)),
    LookAlike("linear_to_zero", "a line down to 0 over the whole training", scheduled(linear_to_zero), EVERYWHERE),
    LookAlike("one_cycle", "up, and down to nearly nothing", scheduled(one_cycle), EVERYWHERE),
    LookAlike("warm_restarts", "three cosines one after the other", scheduled(warm_restarts, "epoch"), VECTORS),
    LookAlike("no_decay_of_biases", "weight decay in groups", decay_in_groups, (*LABELLED, AUTOENCODERS),
              lacks=frozenset({"adversarial"})),
    LookAlike("slower_features", "two rates, tenfold apart", slower_features, (IMAGES, TABLES, SIGNALS)),
    LookAlike("fast_sgd_under_batch_norm", "SGD at .1 and more", fast_sgd, (IMAGES, SIGNALS),
              needs=frozenset({"batch_norm"})),
    LookAlike("nadam", "NAdam", unusual(lambda model: torch.optim.NAdam(model.parameters(), lr=2e-3)), VECTORS),
    LookAlike("adagrad", "Adagrad, whose rate shrinks by itself",
              unusual(lambda model: torch.optim.Adagrad(model.parameters(), lr=0.03)), VECTORS),
    LookAlike("amsgrad", "Adam that never forgets its largest gradient",
              unusual(lambda model: torch.optim.Adam(model.parameters(), lr=3e-3, amsgrad=True)), LABELLED),
    LookAlike("plain_sgd", "SGD without momentum",
              unusual(lambda model: torch.optim.SGD(model.parameters(), lr=0.2)), (TABLES,), lacks=SMOOTH),
)  # fmt: skip
