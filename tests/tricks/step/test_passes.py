"""A second pass over a batch sees what norms remember as the first saw it, and leaves it as the first left it."""

import copy

import pytest
import torch
from step_learners import batch, learner, moment, network
from torch import nn

from assay.loop import Stepper, standard_step
from assay.losses import CrossEntropy
from assay.tricks.norm.batch_renorm import BatchRenorm
from assay.tricks.norm.cross_iteration_batch_norm import CrossIterationBatchNorm
from assay.tricks.step.adversarial_training import AdversarialTraining
from assay.tricks.step.lbfgs import LBFGS
from assay.tricks.step.sam import SAM

NORMS = (CrossIterationBatchNorm(window=3), BatchRenorm(start=0, r_end=1, d_end=1))
NOWHERE = 1e-9
"""A radius so small that the second pass is at the point of the first."""


def with_norm(trick: BatchRenorm | CrossIterationBatchNorm) -> nn.Module:
    model = network(dropout=0.0)
    model[1] = trick.make(6)
    return model


@pytest.mark.parametrize("norm", NORMS, ids=repr)
@pytest.mark.parametrize("stepper", [SAM(NOWHERE).step, AdversarialTraining(NOWHERE).step], ids=["SAM", "adversary"])
def test_two_passes_at_one_point_are_the_ordinary_step(norm, stepper: Stepper):
    model = with_norm(norm)
    plain = copy.deepcopy(model)
    taught, expected = learner(model), learner(plain)
    for step in range(3):
        stepper(taught, batch(), moment(step))
        standard_step(expected, batch(), moment(step))
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, atol=1e-5, rtol=1e-4, msg=name)


@pytest.mark.parametrize("norm", NORMS, ids=repr)
def test_the_search_of_lbfgs_compares_values_of_one_function(norm):
    losses = list[float]()

    def loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        value = CrossEntropy()(outputs, targets)
        losses.append(value.item())
        return value

    model = with_norm(norm)
    trick = LBFGS(learning_rate=NOWHERE, iterations=2)
    optimizer = trick.build([{"params": list(model.parameters())}])
    taught = learner(model, loss=loss, optimizer=optimizer)
    trick.step(taught, batch(), moment())
    assert len(losses) > 1
    assert losses[1] == pytest.approx(losses[0], abs=1e-5)
