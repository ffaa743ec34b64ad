"""Parts equal the whole, but for what the card says differs."""

import pytest
import torch
from step_learners import batch, learner, moment, network, same, weights

from assay.loop import Batch, standard_step
from assay.recipe import Recipe, RecipeError
from assay.tricks.gradient.gradient_clip import edit_gradients
from assay.tricks.loss.sum_loss import SumLoss
from assay.tricks.step.gradient_accumulation import GradientAccumulation


@pytest.mark.parametrize("parts", [2, 3, 5, 12, 99])
@pytest.mark.parametrize("dense", [False, True])
def test_parts_equal_the_large_batch_also_where_they_differ_in_size(parts: int, dense: bool):
    inputs, targets = batch()
    whole = Batch(inputs, torch.eye(3)[targets] * 0.9 + 0.1 / 3 if dense else targets)
    split, plain = (network(norm=False, dropout=0.0).double() for _ in range(2))
    whole = Batch(whole.inputs.double(), whole.targets.double() if dense else whole.targets)
    edits = (lambda parameters: edit_gradients(parameters, max_norm=0.1),)
    found = GradientAccumulation(parts).step(learner(split, gradient_edits=edits), whole, moment())
    expected = standard_step(learner(plain, gradient_edits=edits), whole, moment())
    torch.testing.assert_close(found.double(), expected, rtol=1e-6, atol=1e-7)
    for name, value in weights(plain).items():
        torch.testing.assert_close(split.state_dict()[name], value)


def test_under_a_loss_scale_too():
    split, plain = (network(norm=False, dropout=0.0) for _ in range(2))
    for model, step in ((split, GradientAccumulation(4).step), (plain, standard_step)):
        taught = learner(model, dtype="fp16")
        taught.autocast = torch.enable_grad
        step(taught, batch(), moment())
    for name, value in weights(plain).items():
        torch.testing.assert_close(split.state_dict()[name], value)


def test_batch_norm_sees_ghost_batches():
    model = network(dropout=0.0)
    GradientAccumulation(3).step(learner(model), batch(), moment())
    assert model[1].num_batches_tracked == 3


def test_one_part_is_the_ordinary_step():
    model, plain = network(dropout=0.0), network(dropout=0.0)
    (Recipe() | GradientAccumulation(1)).stepper(learner(model), batch(), moment())
    standard_step(learner(plain), batch(), moment())
    assert same(model, plain)


def test_a_summed_loss_has_no_mean_of_its_parts():
    with pytest.raises(RecipeError, match="SumLoss and GradientAccumulation both set loss reduction; keep one of them"):
        _ = Recipe() | GradientAccumulation() | SumLoss()
    with pytest.raises(RecipeError, match="GradientAccumulation and SumLoss both set loss reduction; keep one of them"):
        _ = Recipe() | SumLoss() | GradientAccumulation()


def test_bad_numbers_are_refused():
    with pytest.raises(ValueError, match="parts must be finite and at least 1, got 0; the usual value is 2 to 8"):
        GradientAccumulation(0)
