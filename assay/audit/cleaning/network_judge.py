"""A member that is a network, trained by the one loop; nearest neighbours in its features may be another member.

The features are what its last linear layer sees. In them neighbours are of one class where in pixels they only look
alike; and a wrong label that the network has learnt by heart is still outvoted by the examples around it.

Source: neighbours in a network's features against label noise: Bahri et al. 2020 (arXiv:2004.12289), section 3.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.audit.cleaning.epochs import EpochRecorder
from assay.audit.cleaning.fold import Fold, Judgement
from assay.audit.labels.out_of_fold import answer_of
from assay.audit.labels.usual_members import NEIGHBOURS
from assay.data.data import Data
from assay.data.split import Split
from assay.evaluation import predict
from assay.recipe import Recipe
from assay.saying import Say
from assay.training.train import Training

LOOK_EVERY = 20
LATE = 1.1


@dataclass(frozen=True, eq=False)
class NetworkJudge:
    """One network.

    data: its `train` is all examples together. seconds: what a training may take; one that is late ends earlier, its
    schedules with it. neighbours: name of the member that asks neighbours in its features, "" for none.
    """

    name: str
    recipe: Recipe
    data: Data
    seed: int
    seconds: float
    neighbours: str = ""
    device: torch.device | None = None
    workers: int = 0

    @property
    def members(self) -> tuple[str, ...]:
        return (self.name, self.neighbours) if self.neighbours else (self.name,)

    @property
    def describe(self) -> str:
        return f"{self.members} {self.recipe.key()} {self.seed}"

    def judge(self, fold: Fold, say: Say) -> Judgement:
        """Train on the rest, answer for the held."""
        started = time.perf_counter()
        everything = self.data.train
        rest, held = (everything.select(torch.from_numpy(rows)) for rows in (fold.rest, fold.held))
        data = replace(self.data, train=rest, validation=held, test=held.select(torch.arange(0)))
        training = Training(self.recipe, data, seed=self.seed + fold.number, device=self.device, evaluations=1,
                            monitored=False, workers=self.workers)  # fmt: skip
        recorder = EpochRecorder(training)
        for step in training:
            recorder.note(step.number)
            if step.number % LOOK_EVERY == 0:
                say(f"{self.name}, loss {float(step.loss):.3f}", training.step / training.total_steps)
                end_in_time(training, self.seconds - (time.perf_counter() - started))
        dynamics, run = recorder.close(), training.finish()
        found = {self.name: run.validation.outputs.numpy().astype(np.float32)}
        if self.neighbours:
            say(f"{self.neighbours}, fold {fold.number + 1}", 1.0)
            found[self.neighbours] = self._ask_neighbours(run.model, rest, held)
        return Judgement(found, dynamics, time.perf_counter() - started)

    def _ask_neighbours(self, model: nn.Module, rest: Split, held: Split) -> Float[np.ndarray, "held classes"]:
        from sklearn.neighbors import KNeighborsClassifier

        labels, specification = rest.targets.numpy(), self.data.specification
        seen, asked = (features_of(model, split, self.data, self.workers) for split in (rest, held))
        neighbours = KNeighborsClassifier(max(1, min(NEIGHBOURS, len(rest)))).fit(seen, labels)
        return answer_of(self.neighbours, neighbours, asked, labels, specification.num_outputs)


def features_of(model: nn.Module, split: Split, data: Data, workers: int = 0) -> Float[np.ndarray, "n features"]:
    """(n, features) what the last linear layer sees of each example, of length 1."""
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    seen = list[Tensor]()
    hook = last.register_forward_hook(lambda module, inputs, outputs: seen.append(inputs[0].float().cpu()))
    try:
        predict(model, split, data.specification, workers=workers)
    finally:
        hook.remove()
    return nn.functional.normalize(torch.cat(seen), dim=1).numpy()


def end_in_time(training: Training, seconds_left: float) -> None:
    """Move the end of a training that would be late by more than a tenth of what it has left."""
    needed = (training.total_steps - training.step) * training.seconds_per_step
    if training.step >= LOOK_EVERY and needed > LATE * seconds_left:
        steps = max(1, int(max(0.0, seconds_left) / training.seconds_per_step))
        training.end_after(min(training.total_steps, training.step + steps))
