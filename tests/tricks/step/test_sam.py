"""The worst point by hand; both passes alike; statistics once; under a loss scale; off is the ordinary step."""

import pytest
import torch
from step_learners import Dots, batch, learner, moment, network, same, weights

from assay.loop import Batch, Moment, standard_step
from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.step.gradient_accumulation import GradientAccumulation
from assay.tricks.step.sam import SAM


def test_by_hand():
    # Loss (w . x)^2 with x = (3, 4), w = (1, 1): gradient 2 * 7 * x, of norm 70, so the worst point is
    # w + 0.5 * (0.6, 0.8), where w . x = 9.5 and the gradient is 19 x.
    model = Dots(1.0, 1.0)
    point = Batch(torch.tensor([[3.0, 4.0]]).double(), torch.zeros(1, 1).double())
    loss = SAM(0.5).step(learner(model, rate=0.01, loss=MeanSquaredError()), point, moment())
    assert loss.item() == pytest.approx(49.0)
    torch.testing.assert_close(model.weight.detach(), torch.tensor([[1 - 0.57, 1 - 0.76]]).double())


def recorded(model: torch.nn.Module) -> list[torch.Tensor]:
    """What dropout made of its inputs: which of them were 0, in each pass."""
    masks: list[torch.Tensor] = []
    model[3].register_forward_hook(lambda module, inputs, outputs: masks.append(outputs == 0))
    return masks


def test_both_passes_draw_the_same_dropout_and_mix_and_the_next_step_another():
    model = network()
    masks, mixes = recorded(model), []

    def forward(model, inputs, targets, generator, clock):
        mixes.append(torch.rand(1, generator=generator).item())
        return model(inputs), targets

    torch.manual_seed(5)
    taught = learner(model, forward=forward)
    SAM().step(taught, batch(), moment())
    assert len(masks) == 2
    assert torch.equal(masks[0], masks[1])
    assert mixes[0] == mixes[1]
    SAM().step(taught, batch(), moment(1))
    assert not torch.equal(masks[0], masks[2])
    assert mixes[2] != mixes[0]


def test_statistics_take_in_the_first_pass_alone():
    model, plain = network(dropout=0.0), network(dropout=0.0)
    SAM(0.5).step(learner(model), batch(), moment())
    standard_step(learner(plain), batch(), moment())
    assert model[1].num_batches_tracked == 1
    assert torch.equal(model[1].running_mean, plain[1].running_mean)
    assert torch.equal(model[1].running_var, plain[1].running_var)
    assert not torch.equal(model[0].weight, plain[0].weight)


def test_the_loss_is_that_at_the_weights_and_no_gradient_is_left():
    model = network()
    before, state = weights(model), torch.get_rng_state()
    taught = learner(model)
    loss = SAM().step(taught, batch(), moment())
    assert all(p.grad is None for p in model.parameters())
    again = network()
    again.load_state_dict(before)
    torch.set_rng_state(state)
    assert torch.equal(loss, standard_step(learner(again), batch(), moment()))


@pytest.mark.parametrize("options", [{"radius": 0.0}, {"every": 2}], ids=str)
def test_off_and_between_its_steps_it_is_the_ordinary_step(options):
    model, plain = network(), network()
    state = torch.get_rng_state()
    SAM(**options).step(learner(model), batch(), moment(3))
    torch.set_rng_state(state)
    standard_step(learner(plain), batch(), moment(3))
    assert same(model, plain)


def test_a_loss_scale_does_not_change_the_step():
    """fp16 scales gradients by 65,536, and the radius must not follow."""
    scaled, exact = network(dropout=0.0), network(dropout=0.0)
    taught = learner(scaled, dtype="fp16")
    taught.autocast = torch.enable_grad
    SAM(0.5).step(taught, batch(), moment())
    SAM(0.5).step(learner(exact), batch(), moment())
    for name, value in weights(exact).items():
        torch.testing.assert_close(scaled.state_dict()[name], value)


def test_a_pass_that_overflows_is_left_out_and_halves_the_scale():
    model = network(dropout=0.0)
    before, taught = weights(model), learner(model, dtype="fp16")
    SAM().step(taught, Batch(torch.full((6, 4), 6e4), batch(6).targets), moment())
    assert taught.scaler.get_scale() == 32_768
    assert all(torch.equal(parameter, before[name]) for name, parameter in model.named_parameters())


def test_gradient_edits_see_the_second_pass_alone():
    seen = []
    taught = learner(network(), gradient_edits=(lambda parameters: seen.append(len(parameters)),))
    SAM().step(taught, batch(), moment())
    assert seen == [6]


def test_one_stepper_at_a_time():
    with pytest.raises(RecipeError, match="GradientAccumulation and SAM both set stepper; keep one of them"):
        Recipe() | SAM() | GradientAccumulation()


def test_weights_are_put_back_where_a_pass_fails():
    model, calls = network(), []

    def forward(model, inputs, targets, generator, clock):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt("in the second pass")
        return model(inputs), targets

    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    with pytest.raises(KeyboardInterrupt, match="in the second pass"):
        SAM(0.5).step(learner(model, forward=forward), batch(), Moment(Clock(0, 10, 5), 0))
    assert all(torch.equal(p, before[name]) for name, p in model.named_parameters())


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match=r"radius must be finite and at least 0, got -0\.1; the usual value is 0\.05"):
        SAM(-0.1)
    with pytest.raises(ValueError, match="every must be finite and at least 1, got 0; the usual value is 1"):
        SAM(every=0)
