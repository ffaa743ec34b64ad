"""Trainings whose truth is known: gradient descent with mini-batch noise on a quadratic bowl, at any schedule.

    loss(w) = floor + sum_k curvature_k w_k^2 / 2        gradient of a mini-batch: curvature w + noise / sqrt(batch)

The largest curvature is 1, so a rate above 2 explodes; at rates near 2 the noise keeps the loss up; far below
1 / total_steps the loss falls in a straight line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import cos, pi

import numpy as np

from assay.advice.curves import Curves
from assay.training.history import RECORDED_STEPS
from assay.training.sample import SplitScore, TrainingSample

Rate = Callable[[float], float]
"""Share of the highest rate at a progress in [0, 1)."""

SCHEDULES: dict[str, Rate] = {
    "constant": lambda progress: 1.0,
    "cosine": lambda progress: 0.5 * (1 + cos(pi * progress)),
    "one cycle": lambda progress: 0.1 + 0.9 * progress / 0.3 if progress < 0.3 else (1 - progress) / 0.7,
    "restarts": lambda progress: 0.5 * (1 + cos(pi * (progress * 4 % 1))),
    "warm-up and cosine": lambda progress: (
        progress / 0.1 if progress < 0.1 else 0.5 * (1 + cos(pi * (progress - 0.1) / 0.9))
    ),
    "steps": lambda progress: 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01,
}


def simulate(
    rate: float,
    *,
    seed: int,
    schedule: str = "constant",
    total: int = 2000,
    gradient_noise: float = 0.1,
    loss_noise: float = 0.1,
    floor: float = 0.3,
    start: float = 2.3,
    batch: int = 64,
    steps_per_epoch: int = 100,
    decades: float = 3.0,
) -> Curves:
    """A training and what was recorded of it; 10 looks at a validation loss without noise of mini-batches.

    decades: from the largest curvature to the smallest.
    """
    chance = np.random.default_rng(seed)
    curvature = np.logspace(0, -decades, 40)
    w = 1 / np.sqrt(curvature)
    w *= np.sqrt(2 * (start - floor) / (curvature * w**2).sum())
    every, look_every = max(1, total // RECORDED_STEPS), -(-total // 10)
    steps, losses, rates, looks, seen = [], [], [], [], []
    with np.errstate(over="ignore", invalid="ignore"):  # explosions are wanted
        for step in range(total):
            eta = rate * SCHEDULES[schedule](step / total)
            loss = floor + 0.5 * float((curvature * w**2).sum())
            if step % every == 0 or step == total - 1:
                steps.append(step)
                losses.append(loss + loss_noise * (64 / batch) ** 0.5 * chance.normal())
                rates.append(eta)
            noise = gradient_noise * (64 / batch) ** 0.5 * np.sqrt(curvature) * chance.normal(size=40)
            w = w - eta * (curvature * w + noise)
            if (step + 1) % look_every == 0 or step == total - 1:
                looks.append(step + 1)
                seen.append(floor + 0.5 * float((curvature * w**2).sum()))
    validation = np.array(seen) + 0.002 * chance.normal(size=len(seen))
    values = np.clip(1 - validation / 2.3, 0.0, 1.0)
    return Curves(
        np.array(steps, dtype=float), np.array(losses), np.array(rates), np.array(looks, dtype=float), validation,
        np.nan_to_num(values), np.zeros((len(looks), 0, 1)), (), {}, float(steps_per_epoch), "accuracy", 0.1,
    )  # fmt: skip


def score(value: float, n: int = 1000, *, half: float = 0.02) -> SplitScore:
    """An accuracy with an interval of about the width that n examples give."""
    return SplitScore("accuracy", value, max(0.0, value - half), min(1.0, value + half), n, 1.0 - value, 0.01)


def sample(step: int, **fields: object) -> TrainingSample:
    """What the monitors saw at a step, with some of it given."""
    empty = TrainingSample(step, 1.0, {}, {}, 512, {}, {}, {})
    return replace(empty, **fields)  # pyright: ignore[reportArgumentType]
