"""What a checkpoint holds of a learner: network, optimiser, average and weight edits, and how they are put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from assay.loop import Learner


def state_of(learner: Learner) -> dict[str, Any]:
    """Its own tensors, not copies of them."""
    return {
        "model": learner.model.state_dict(),
        "optimizer": learner.optimizer.state_dict(),
        "scaler": learner.scaler.state_dict() if learner.scaler else None,
        "average": learner.average_state,
        "weight_edits": learner.weight_edit_states,
    }


def restore(learner: Learner, state: Mapping[str, Any], device: torch.device) -> None:
    """Go on from `state_of` another learner of the same recipe; what else is in it is passed by."""
    learner.model.load_state_dict(state["model"])
    learner.optimizer.load_state_dict(state["optimizer"])
    if learner.scaler is not None:
        learner.scaler.load_state_dict(state["scaler"])
    learner.average_state = on_device(state["average"], device)
    learner.weight_edit_states = [on_device(edit, device) or {} for edit in state["weight_edits"]]


def on_device(state: dict[str, Tensor] | None, device: torch.device) -> dict[str, Tensor] | None:
    """An average's tensors where the network is: a checkpoint is read to the CPU."""
    return None if state is None else {name: value.to(device) for name, value in state.items()}
