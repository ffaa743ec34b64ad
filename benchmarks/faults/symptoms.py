"""Proofs by training: a faulty program ends, learns or fits worse than its healthy sibling, or breaks down."""

from __future__ import annotations

import math
from typing import Any

import torch

from faults.assembly import assemble, loss_computer
from faults.parts import Parts
from faults.program import Program
from faults.proof import Proof
from faults.training import train, train_program

SEEDS = (1, 2, 3, 4)


def trains_worse(faulty: Program, sibling: Program) -> Proof:
    """Four trainings of each from the same seeds: every faulty one ends, or learns, below every healthy one.

    If the fault did nothing, that would happen by chance once in 70 orders, for each of the two views.
    """
    sick, well = [_views(faulty.parts, seed) for seed in SEEDS], [_views(sibling.parts, seed) for seed in SEEDS]
    numbers: dict[str, Any] = {}
    for place, view in enumerate(("end", "whole")):
        below = max(scores[place] for scores in sick), min(scores[place] for scores in well)
        numbers[view] = {"best_faulty": below[0], "worst_healthy": below[1], "n": len(SEEDS)}
    holds = any(view["best_faulty"] < view["worst_healthy"] for view in numbers.values())
    words = "trained with the fault, every seed scores below every healthy one" if holds else "no worse than healthy"
    return Proof(holds, f"{words} ({faulty.parts.task.name})", numbers)


def _views(parts: Parts, seed: int) -> tuple[float, float]:
    """The last epoch's score, and the mean over all epochs: minus infinity where training broke down."""
    try:
        scores = train(parts, seed=seed)
    except (RuntimeError, IndexError, ValueError):
        return -math.inf, -math.inf
    scores = [score if math.isfinite(score) else -math.inf for score in scores]
    return scores[-1], sum(scores) / len(scores)


def raises(faulty: Program, sibling: Program) -> Proof:
    """Training ends in an error, which the sibling's does not."""
    train(sibling.parts, seed=1, epochs=1)
    try:
        train(faulty.parts, seed=1, epochs=1)
    except (RuntimeError, IndexError, ValueError) as error:
        return Proof(True, f"training ends in {type(error).__name__}: {error}"[:200])
    return Proof(False, "training does not fail")


def fits_worse(faulty: Program, sibling: Program) -> Proof:
    """Trained, its loss on its own training batches stays above the healthy one's, from each of four seeds."""
    sick, well = [_fitted(faulty.parts, seed) for seed in SEEDS], [_fitted(sibling.parts, seed) for seed in SEEDS]
    return Proof(min(sick) > max(well), f"training loss at least {min(sick):.3f}, healthy at most {max(well):.3f}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


def loss_below_floor(faulty: Program, sibling: Program) -> Proof:
    """Trained, the loss is far below 0, which no such loss can be if it is used rightly."""
    sick, well = _fitted(faulty.parts, SEEDS[0]), _fitted(sibling.parts, SEEDS[0])
    return Proof(sick < -0.1 and well >= 0.0, f"training loss {sick:.3f}, healthy {well:.3f}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


def _fitted(parts: Parts, seed: int) -> float:
    """The mean loss over the training batches, in evaluation mode, after the planned training."""
    torch.manual_seed(seed)
    program = assemble(parts, name="training", seed=seed)
    train_program(program)
    compute, model = loss_computer(parts), program.arguments["model"].eval()
    with torch.no_grad():
        losses = [compute(model, batch).item() for batch in program.arguments["train_loader"]]
    return sum(losses) / len(losses)
