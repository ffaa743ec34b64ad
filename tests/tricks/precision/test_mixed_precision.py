import inspect

import pytest
import torch
from torch import nn

from assay.loop import Batch, Learner, Moment, standard_step
from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.gradient.gradient_clip import edit_gradients
from assay.tricks.precision.mixed_precision import MixedPrecision, half_precision


@pytest.mark.parametrize(("dtype", "expected"), [("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_products_are_in_16_bits_and_weights_and_losses_in_32(dtype, expected):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    with MixedPrecision(dtype).autocast("cpu"):
        outputs = model(torch.ones(2, 1, 4, 4))
    assert outputs.dtype == expected
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    outputs.float().sum().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in model.parameters())
    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_16_bit_outputs_agree_with_float32_to_their_digits():
    generator = torch.Generator().manual_seed(0)
    weight, inputs = torch.randn(64, 64, generator=generator), torch.randn(8, 64, generator=generator)
    exact = inputs @ weight
    for dtype, digits in (("bf16", 2**-8), ("fp16", 2**-11)):
        with half_precision(dtype, "cpu"):
            rough = (inputs @ weight).float()
        error = (rough - exact).abs().max() / exact.abs().max()
        assert 0 < error < 4 * digits


def test_only_fp16_needs_a_loss_scale():
    assert MixedPrecision("bf16").make_scaler("cpu") is None
    scaler = MixedPrecision("fp16").make_scaler("cpu")
    assert scaler is not None
    assert scaler.get_scale() == 65_536


def test_the_trick_fills_the_slot_with_itself_and_only_once():
    recipe = Recipe() | MixedPrecision("fp16")
    assert recipe.precision == MixedPrecision("fp16")
    assert Recipe().precision is None
    with pytest.raises(RecipeError, match="MixedPrecision is already in the recipe"):
        recipe | MixedPrecision("bf16")


def make_learner(seed, dtype="fp16", edits=()):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Linear(4, 1)
    precision = MixedPrecision(dtype)
    return Learner(
        model=model,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.1),
        loss=MeanSquaredError(),
        gradient_edits=edits,
        autocast=lambda: precision.autocast("cpu"),
        scaler=precision.make_scaler("cpu"),
    )


def test_gradients_are_unscaled_before_they_are_edited():
    norms = []

    def record(parameters):
        norms.append(torch.cat([parameter.grad.flatten() for parameter in parameters]).norm().item())

    learner = make_learner(0, edits=(record, lambda parameters: edit_gradients(parameters, max_norm=1e-3), record))
    # Small, because 65,536 times the gradient of a loss near 1 is more than fp16 holds.
    inputs = 0.1 * torch.randn(8, 4, generator=torch.Generator().manual_seed(1))
    learner.model(inputs).square().mean().backward()
    true_norm = torch.cat([parameter.grad.flatten() for parameter in learner.parameters]).norm().item()
    learner.model.zero_grad()
    before = learner.model.weight.detach().clone()
    standard_step(learner, Batch(inputs, torch.zeros(8, 1)), Moment(Clock(0, 1, 1), 0))
    assert norms[0] == pytest.approx(true_norm, rel=0.01)
    assert norms[1] == pytest.approx(1e-3, rel=1e-3)
    assert (learner.model.weight - before).norm().item() <= 0.1 * 1e-3 * 1.01


def test_a_step_that_overflows_is_skipped_and_halves_the_scale():
    learner = make_learner(0, edits=(lambda parameters: edit_gradients(parameters, max_norm=1.0),))
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}
    standard_step(learner, Batch(torch.full((2, 4), 200.0), torch.full((2, 1), 1e5)), Moment(Clock(0, 1, 1), 0))
    assert learner.scaler.get_scale() == 32_768
    assert all(torch.equal(value, before[name]) for name, value in learner.model.state_dict().items())


def test_unknown_formats_are_refused():
    # In tests the type checker would refuse the value first, so both are called beneath it.
    unchecked = object.__new__(MixedPrecision)
    object.__setattr__(unchecked, "dtype", "int8")
    with pytest.raises(ValueError, match="dtype must be 'bf16' or 'fp16', got 'int8'; bf16 is the safe one"):
        inspect.unwrap(MixedPrecision.__post_init__)(unchecked)
    with pytest.raises(ValueError, match="dtype must be 'bf16' or 'fp16', got 'float32'"):
        half_precision("float32", "cpu")
