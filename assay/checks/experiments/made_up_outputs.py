"""What a loss says of random outputs in place of the network's: does it read them, and as which rows?

    constant: L(random) is one number, whatever is drawn, and no parameter has a gradient of it
    viewed: L(random) = cross_entropy(random.view(-1, classes)) though classes lie on axis 1, so places are mixed

Source: PyTorch documentation of Tensor.view (elements keep their order in memory) and of CrossEntropyLoss.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.experiments.wrong_answers import MILD, wrong_answers
from assay.checks.given.pipeline import Pipeline

PROBES = 3


def constant_loss(pipeline: Pipeline, batch: Any, outputs: Tensor, targets: Tensor) -> float | None:
    """The loss of the batch if no outputs move it and it moves no parameters, as the cross entropy of one class."""
    values = []
    for probe in range(PROBES):
        made_up = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(probe)).to(outputs)
        try:
            values.append(float(pipeline.loss_fn(made_up, targets)))
        except Exception:  # a loss that wants other objects than the outputs is not judged here
            return None
    if len(set(values)) > 1 or values[0] != values[0] or _reads_good_answers(pipeline, batch, values[0]):
        return None
    return None if _moves_parameters(pipeline, batch) else values[0]


def _moves_parameters(pipeline: Pipeline, batch: Any) -> bool:
    model = pipeline.evaluation_copy()
    loss = pipeline.loss(model, batch)
    if not loss.requires_grad:
        return False
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    return any(gradient is not None and bool((gradient != 0).any()) for gradient in gradients)


def _reads_good_answers(pipeline: Pipeline, batch: Any, constant: float) -> bool:
    """Whether right answers have another loss: a clamped one, of which loss_clipping tells."""
    try:
        answers, _ = wrong_answers(pipeline, batch)
        return any(float(pipeline.loss_fn(answers(value), pipeline.targets(batch))) != constant for value in MILD)
    except Exception:  # what right answers are cannot be told, or a stranger's loss does not take them
        return False


def mixes_places(pipeline: Pipeline, outputs: Tensor, targets: Tensor) -> bool:
    """Whether (batch, classes, places) is viewed as (batch * places, classes): each row holds several places."""
    if outputs.dim() != 3 or targets.is_floating_point() or targets.dim() != 2:
        return False
    classes, places = outputs.shape[1], outputs.shape[2]
    if classes == places or targets.shape[1] != places or classes < 2:
        return False
    for probe in range(PROBES):
        generator = torch.Generator().manual_seed(probe)
        made_up = torch.randn(outputs.shape, generator=generator).to(outputs)
        labels = torch.randint(classes, targets.shape, generator=generator).to(targets)
        viewed = float(F.cross_entropy(made_up.reshape(-1, classes), labels.flatten()))
        try:
            value = float(pipeline.loss_fn(made_up, labels))
        except Exception:  # not this loss
            return False
        if abs(value - viewed) > 1e-4 * viewed:
            return False
    return True
