"""Margins over epochs, taken from the batches that a network trains on anyway: they cost nothing.

    at each visit of an example: margin = log p[given] - max over others of log p[other], and p[given]

The values are those before the update, with the augmentation and the dropout of the moment, as the source has them.
An example in an epoch's last, smaller batch is not visited; it keeps what its neighbouring epoch said.

Source: Pleiss et al. 2020 (arXiv:2001.10528), section 3: margins recorded while training.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.audit.cleaning.fold import Dynamics
from assay.audit.labels.cartography import map_columns
from assay.audit.labels.forgetting import forgetting_of
from assay.training.train import Training


class EpochRecorder:
    """Follow a training step by step: `recorder.note()` after each; `close()` lets go of the network."""

    def __init__(self, training: Training) -> None:
        timetable = training.feed.timetable
        self._targets = training.data.train.targets
        self._indices: Iterator[Tensor] = training.feed.indices(range(timetable.total_steps))
        self._steps_per_epoch = timetable.steps_per_epoch
        epochs = -(-timetable.total_steps // self._steps_per_epoch)
        self._margin = np.full((epochs, len(self._targets)), np.nan, dtype=np.float32)
        self._own = np.full_like(self._margin, np.nan)
        self._outputs: Tensor | None = None
        self._hook = training.learner.model.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> None:
        if module.training:
            self._outputs = outputs.detach()

    def note(self, step: int) -> None:
        """Write down what the network said of this step's batch."""
        chosen = next(self._indices)
        if self._outputs is None or len(self._outputs) != len(chosen):
            return
        logs = self._outputs.float().log_softmax(1).cpu()
        places = torch.arange(len(chosen)), self._targets[chosen]
        own = logs[places].clone()
        logs[places] = -torch.inf
        epoch, rows = step // self._steps_per_epoch, chosen.numpy()
        self._margin[epoch, rows] = (own - logs.amax(1)).numpy()
        self._own[epoch, rows] = own.exp().numpy()

    def close(self) -> Dynamics | None:
        """What was recorded; None where no epoch was finished."""
        self._hook.remove()
        seen = ~np.isnan(self._margin).all(1)
        if not seen.any():
            return None
        margin, own = _filled(self._margin[seen]), _filled(self._own[seen])
        area = margin.mean(0)
        mapped, forgotten = map_columns(own, margin > 0), forgetting_of(margin > 0)
        return Dynamics(area, mapped.confidence, mapped.variability, forgotten.events.astype(np.float64))


def _filled(values: Float[np.ndarray, "epochs n"]) -> Float[np.ndarray, "epochs n"]:
    """Gaps take the value before them, at the start the one after; what was never seen is taken for undecided."""
    filled = values.astype(np.float64)
    for epochs in (range(1, len(filled)), range(len(filled) - 2, -1, -1)):
        step = 1 if epochs.step > 0 else -1
        for epoch in epochs:
            gaps = np.isnan(filled[epoch])
            filled[epoch, gaps] = filled[epoch - step, gaps]
    return np.nan_to_num(filled, nan=0.0)
