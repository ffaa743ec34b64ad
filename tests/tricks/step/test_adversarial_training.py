"""Adversaries by hand; the two gradients' mean; statistics and dropout as in the clean pass; off."""

import pytest
import torch
from step_learners import Dots, batch, learner, moment, network, same

from assay.loop import Batch, standard_step
from assay.losses import MeanSquaredError
from assay.recipe import Recipe
from assay.tricks.step.adversarial_training import AdversarialTraining, perturbation


def test_perturbations_by_hand():
    gradient = torch.tensor([[3.0, -4.0], [0.0, 0.0]])
    assert perturbation(gradient, radius=0.5, form="norm").tolist() == [
        [pytest.approx(0.3), pytest.approx(-0.4)],
        [0, 0],
    ]
    assert perturbation(gradient, radius=0.5, form="sign").tolist() == [[0.5, -0.5], [0, 0]]


def test_each_example_has_its_own_norm():
    gradient = torch.randn(5, 2, 3, 3, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 6).view(5, 1, 1, 1)
    found = perturbation(gradient, radius=0.2, form="norm")
    torch.testing.assert_close(found.flatten(1).norm(dim=1), torch.full((5,), 0.2))


@pytest.mark.parametrize(("form", "moved"), [("norm", 7 + 0.5 * 5), ("sign", 7 + 0.5 * 7)])
def test_a_step_by_hand(form: str, moved: float):
    # Loss (w . x)^2 of x = (1, 1), w = (3, 4): the input's gradient is 14 w. At the adversary w . x = `moved`.
    model = Dots(3.0, 4.0)
    point = Batch(torch.ones(1, 2).double(), torch.zeros(1, 1).double())
    taught = learner(model, rate=0.01, loss=MeanSquaredError())
    assert AdversarialTraining(0.5, form, share=0.25).step(taught, point, moment()).item() == pytest.approx(49.0)
    step = torch.tensor([0.6, 0.8]) if form == "norm" else torch.ones(2)
    gradient = 0.75 * 14 * torch.ones(2) + 0.25 * 2 * moved * (torch.ones(2) + 0.5 * step)
    torch.testing.assert_close(model.weight.detach()[0], (torch.tensor([3.0, 4.0]) - 0.01 * gradient).double())
    assert point.inputs.grad is None
    assert not point.inputs.requires_grad


def test_on_the_first_layer_by_hand():
    # The weight's gradient is 14 (1, 1): it moves by 0.5 / sqrt(2) in each, and w . x by 0.5 * sqrt(2).
    model = Dots(3.0, 4.0)
    point = Batch(torch.ones(1, 2).double(), torch.zeros(1, 1).double())
    taught = learner(model, rate=0.01, loss=MeanSquaredError())
    AdversarialTraining(0.5, on="first-layer").step(taught, point, moment())
    slope = 0.5 * 14 + 0.5 * 2 * (7 + 0.5 * 2**0.5)
    torch.testing.assert_close(
        model.weight.detach()[0], torch.tensor([3.0 - 0.01 * slope, 4.0 - 0.01 * slope]).double()
    )


@pytest.mark.parametrize("on", ["inputs", "first-layer"])
def test_share_one_is_the_adversarys_gradient_alone(on: str):
    # As above, w . x = 7 and the gradients are 14 w and 14 (1, 1): at the adversary w . x is 7 + 0.5 * their pull.
    model = Dots(3.0, 4.0)
    point = Batch(torch.ones(1, 2).double(), torch.zeros(1, 1).double())
    AdversarialTraining(0.5, on=on, share=1.0).step(learner(model, rate=0.01, loss=MeanSquaredError()), point, moment())
    inputs = torch.tensor([1.3, 1.4]) if on == "inputs" else torch.ones(2)
    pull = 5.0 if on == "inputs" else 2**0.5
    expected = torch.tensor([3.0, 4.0]) - 0.01 * 2 * (7 + 0.5 * pull) * inputs
    torch.testing.assert_close(model.weight.detach()[0], expected.double())


@pytest.mark.parametrize("on", ["inputs", "first-layer"])
def test_dropout_repeats_and_statistics_take_in_the_clean_pass_alone(on: str):
    model, plain, masks = network(), network(), []
    model[3].register_forward_hook(lambda module, inputs, outputs: masks.append(outputs == 0))
    AdversarialTraining(0.5, on=on).step(learner(model), batch(), moment())
    assert torch.equal(masks[0], masks[1])
    standard_step(learner(plain), batch(), moment())
    assert model[1].num_batches_tracked == 1
    assert torch.equal(model[1].running_var, plain[1].running_var)
    assert not torch.equal(model[0].weight, plain[0].weight)


def test_radius_zero_is_the_ordinary_step_and_so_is_no_share_of_the_adversary():
    for trick in (AdversarialTraining(0.0), AdversarialTraining(0.5, share=0.0)):
        model, plain = network(dropout=0.0), network(dropout=0.0)
        (Recipe() | trick).stepper(learner(model), batch(), moment())
        standard_step(learner(plain), batch(), moment())
        assert same(model, plain)


def test_a_loss_scale_does_not_change_the_step():
    scaled, exact = network(dropout=0.0), network(dropout=0.0)
    taught = learner(scaled, dtype="fp16")
    taught.autocast = torch.enable_grad
    for student in (taught, learner(exact)):
        AdversarialTraining(0.5).step(student, batch(), moment())
    for name, value in exact.state_dict().items():
        torch.testing.assert_close(scaled.state_dict()[name], value)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match=r"radius must be finite and at least 0, got -0\.1; the usual value is 0\.1"):
        AdversarialTraining(-0.1)
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 2.0; the usual value is 0.5"):
        AdversarialTraining(share=2.0)
    with pytest.raises(ValueError, match="form must be one of norm, sign, got 'max'"):
        perturbation(torch.ones(1, 1), radius=1.0, form="max")
