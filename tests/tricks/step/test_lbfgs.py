"""A quadratic is solved; agreement with PyTorch's own use; dropout repeats; what it cannot do is refused."""

import pytest
import torch
from step_learners import Dots, batch, moment, network, weights

from assay.loop import Batch, Learner
from assay.losses import MeanSquaredError
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.optimizer.nesterov import Nesterov
from assay.tricks.optimizer.norm_bias_rate import NormBiasRate
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.step.lbfgs import LBFGS


def learner(model: torch.nn.Module, trick: LBFGS, **slots) -> Learner:
    return Learner(model, trick.build([{"params": list(model.parameters())}]), **slots)


@pytest.mark.parametrize("weight_decay", [0.0, 0.5])
def test_a_quadratic_is_solved_in_one_update(weight_decay: float):
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(20, 3, generator=generator).double()
    targets = torch.randn(20, 1, generator=generator).double()
    model, trick = Dots(0.0, 0.0, 0.0), LBFGS(iterations=30, weight_decay=weight_decay)
    first = trick.step(learner(model, trick, loss=MeanSquaredError()), Batch(inputs, targets), moment())
    # The mean square plus weight_decay / 2 * |w|^2 is ridge regression.
    matrix = 2 * inputs.T @ inputs / 20 + weight_decay * torch.eye(3).double()
    expected = torch.linalg.solve(matrix, 2 * inputs.T @ targets / 20)
    # Loose, because the search ends where the loss no longer changes, which is flat at its bottom.
    torch.testing.assert_close(model.weight.detach().T, expected, rtol=1e-3, atol=1e-4)
    assert first.item() == pytest.approx(targets.square().mean().item())


def test_agrees_with_pytorchs_closure():
    model, plain = network(norm=False, dropout=0.0), network(norm=False, dropout=0.0)
    (inputs, targets), trick = batch(), LBFGS(iterations=5)
    taught = learner(model, trick)
    optimizer = torch.optim.LBFGS(
        plain.parameters(), lr=1.0, max_iter=5, history_size=10, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(plain(inputs), targets)
        loss.backward()
        return loss

    for step in range(3):
        trick.step(taught, batch(), moment(step))
        optimizer.step(closure)
    for name, value in weights(plain).items():
        torch.testing.assert_close(model.state_dict()[name], value)
    assert all(p.grad is None for p in model.parameters())


def test_every_evaluation_draws_the_same_dropout_and_statistics_take_in_one():
    model, trick, masks = network(), LBFGS(iterations=4), []
    model[3].register_forward_hook(lambda module, inputs, outputs: masks.append(outputs == 0))
    trick.step(learner(model, trick), batch(), moment())
    assert len(masks) > 3
    assert all(torch.equal(mask, masks[0]) for mask in masks)
    assert model[1].num_batches_tracked == 1


def test_each_group_keeps_its_decay():
    """A weight and a bias whose loss has no slope: what decays goes to 0 and what does not stays."""
    model = torch.nn.Linear(2, 1).double()
    bias = model.bias.detach().clone()
    optimizer = LBFGS(weight_decay=0.5).build(
        [{"params": [model.weight]}, {"params": [model.bias], "weight_decay": 0.0}]
    )
    flat = Learner(model, optimizer, loss_edits=(lambda loss: 0.0 * loss,), loss=MeanSquaredError())
    LBFGS().step(flat, Batch(torch.ones(3, 2).double(), torch.zeros(3, 1).double()), moment())
    torch.testing.assert_close(model.weight.detach(), torch.zeros(1, 2).double())
    assert torch.equal(model.bias, bias)


def test_it_is_optimizer_and_stepper():
    recipe = Recipe() | WeightDecay(0.1) | LBFGS()
    assert recipe.optimizer == LBFGS(weight_decay=0.1)
    assert recipe.stepper is not None
    with pytest.raises(RecipeError, match="Nesterov and LBFGS both set optimizer; keep one of them"):
        recipe | Nesterov()


@pytest.mark.parametrize("other", [NormBiasRate(), Fixup()], ids=repr)
def test_rates_of_single_parameters_are_refused_by_name(other):
    """There is one step length for all weights, so such a rule would be dropped."""
    home, name = Recipe(model=ResNet(8)), type(other).__name__
    with pytest.raises(RecipeError, match=f"{name} and LBFGS both set rates of parameters; keep one of them"):
        home | LBFGS() | other
    with pytest.raises(RecipeError, match=f"LBFGS and {name} both set rates of parameters; keep one of them"):
        home | other | LBFGS()


def test_settings_of_groups_that_it_would_drop_are_refused():
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": 0.1, "weight_decay": 0.0}]
    with pytest.raises(
        RecipeError, match="LBFGS has one setting of lr for all weights; take out what gives some their"
    ):
        LBFGS().build(groups)


def test_what_it_cannot_do_is_refused():
    trick, model = LBFGS(weight_decay=0.1), network()
    taught = learner(model, trick, scaler=MixedPrecision("fp16").make_scaler("cpu"))
    with pytest.raises(RecipeError, match=r"cannot have them scaled; use MixedPrecision\('bf16'\)"):
        trick.step(taught, batch(), moment())
    with pytest.raises(ValueError, match="iterations must be finite and at least 1, got 0; the usual value is 10"):
        LBFGS(iterations=0)
