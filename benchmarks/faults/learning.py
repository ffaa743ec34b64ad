"""The proof that a healthy program is healthy: trained as planned, it beats knowing nothing."""

from __future__ import annotations

import torch

from faults.program import Program
from faults.proof import Proof
from faults.training import train_program


def learns(program: Program) -> Proof:
    """The last epoch's validation score is above the prior's by more than chance."""
    torch.manual_seed(program.seed)
    scores, task = train_program(program), program.parts.task
    holds = scores[-1] > task.prior + task.margin
    words = f"{task.name} {scores[-1]:.3f} after {len(scores)} epochs, knowing nothing {task.prior:.3f}"
    return Proof(holds, words, {"scores": scores, "prior": task.prior, "margin": task.margin})
