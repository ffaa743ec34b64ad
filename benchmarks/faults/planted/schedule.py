"""Faults in the schedule: steps counted as epochs, and epochs as steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from torch.optim import Optimizer, lr_scheduler

from faults.fault import Fault
from faults.planted import AUTOENCODERS, LABELLED, LANGUAGE
from faults.program import Program
from faults.proof import Proof
from faults.properties import rates

Make = Callable[[Optimizer, int, int], Any]
ANYWHERE = (*LABELLED, LANGUAGE, AUTOENCODERS)
SCHEDULE = frozenset({"learning_rate_schedule"})


def scheduled(make: Make, interval: Literal["step", "epoch"] = "step") -> Any:
    """Plants a schedule."""
    return lambda parts, chance: parts.but(make_scheduler=make, scheduler_interval=interval)


def halved(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.StepLR(optimizer, step_size=max(1, epochs // 4), gamma=0.5)


def over_a_tenth(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=max(1, steps * epochs // 10))


def polynomial_over_epochs(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.PolynomialLR(optimizer, total_iters=epochs, power=0.9)


def warming_for_ever(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    total = 200 * steps * epochs
    return lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / total)


def growing(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.ExponentialLR(optimizer, gamma=1e5 ** (1.0 / (steps * epochs)))


def epochs_of_a_shorter_run(optimizer: Optimizer, steps: int, epochs: int) -> Any:
    return lr_scheduler.MultiStepLR(optimizer, [1, 2, 3, 4], gamma=0.05)


def rate_is_gone(faulty: Program, sibling: Program) -> Proof:
    """Under a thousandth of its peak for more than half of the planned steps."""
    found = rates(faulty)
    share = sum(rate < 1e-3 * max(found) for rate in found) / len(found)
    return Proof(share > 0.5, f"the rate is gone for {share:.0%} of {len(found)} steps")


def rate_never_comes(faulty: Program, sibling: Program) -> Proof:
    """Never above a fiftieth of the optimiser's own rate."""
    found, own = rates(faulty), faulty.parts.make_optimizer(faulty.parts.make_model()).param_groups[0]["lr"]
    return Proof(max(found) < 0.02 * own, f"the rate reaches {max(found) / own:.2%} of what was meant")


def rate_explodes(faulty: Program, sibling: Program) -> Proof:
    """A thousand times its first value in the end."""
    found = rates(faulty)
    return Proof(found[-1] > 1e3 * found[0], f"the rate grows by {found[-1] / found[0]:.3g}")


FAULTS = (
    Fault("halved_by_steps", "a schedule in epochs is stepped at each batch", SCHEDULE, scheduled(halved),
          rate_is_gone, ANYWHERE),
    Fault("zero_after_a_tenth", "a linear decay reaches 0 after a tenth of the training", SCHEDULE,
          scheduled(over_a_tenth), rate_is_gone, ANYWHERE),
    Fault("polynomial_over_epochs", "a polynomial decay over `epochs` is stepped at each batch", SCHEDULE,
          scheduled(polynomial_over_epochs), rate_is_gone, ANYWHERE),
    Fault("milestones_of_a_shorter_run", "milestones at epochs 1 to 4, a twentieth at each", SCHEDULE,
          scheduled(epochs_of_a_shorter_run, "epoch"), rate_is_gone, ANYWHERE),
    Fault("warming_for_ever", "a warm-up 200 times longer than the training",
          SCHEDULE | {"learning_rate", "update_ratio"}, scheduled(warming_for_ever), rate_never_comes, ANYWHERE),
    Fault("growing_rate", "gamma above 1: the rate grows a hundred thousand times",
          SCHEDULE | {"learning_rate", "update_ratio", "exploding_gradients"}, scheduled(growing), rate_explodes,
          ANYWHERE),
)  # fmt: skip
