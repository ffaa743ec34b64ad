from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from check_programs import small_network
from torch import nn

Step = Callable[[nn.Module, Any, torch.optim.Optimizer], Any]

OPTIMIZERS = {
    "Adam .001": partial(torch.optim.Adam, lr=1e-3),
    "Adam .01": partial(torch.optim.Adam, lr=1e-2),
    "AdamW": torch.optim.AdamW,
    "SGD .01": partial(torch.optim.SGD, lr=0.01),
    "SGD .05": partial(torch.optim.SGD, lr=0.05),
    "momentum": partial(torch.optim.SGD, lr=0.05, momentum=0.9),
    "rate 0": partial(torch.optim.SGD, lr=0.0),
}


def step_that(clear: str, every: int = 1, clip: float = 0.0) -> Step:
    """A training step that clears at "first", "last" or "never", and updates at every k-th call."""
    calls = 0

    def step(model: nn.Module, batch: Any, optimizer: torch.optim.Optimizer) -> torch.Tensor:
        nonlocal calls
        if clear == "first" and calls % every == 0:
            optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1]) / every
        loss.backward()
        calls += 1
        if calls % every == 0:
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if clear == "last":
                optimizer.zero_grad(set_to_none=False)
        return loss.detach()

    return step


def closure_step(*, clear: bool) -> Step:
    def step(model: nn.Module, batch: Any, optimizer: torch.optim.Optimizer) -> Any:
        def closure() -> torch.Tensor:
            if clear:
                optimizer.zero_grad()
            loss = F.cross_entropy(model(batch[0]), batch[1])
            loss.backward()
            return loss

        return optimizer.step(closure)

    return step


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_forgotten_zero_grad_is_proved_with_any_optimiser(run, make):
    model = small_network()
    (finding,) = run(
        "gradients_cleared", model=model, optimizer=make(model.parameters()), training_step=step_that("never")
    )
    assert finding.level == "proved"
    assert finding.evidence["is_sum"]
    assert "zero_grad" in finding.cause


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("clear", ["first", "last"])
def test_clearing_before_or_after_and_accumulation_are_healthy(run, clear, every):
    (finding,) = run("gradients_cleared", training_step=step_that(clear, every))
    assert finding.level == "note"
    assert finding.evidence["calls_per_update"] == every


def test_accumulation_without_clearing_is_proved(run):
    (finding,) = run("gradients_cleared", training_step=step_that("never", 3))
    assert finding.level == "proved"
    assert finding.evidence["calls_per_update"] == 3


def test_clipping_does_not_hide_it(run):
    (finding,) = run("gradients_cleared", training_step=step_that("never", clip=0.1))
    assert finding.level == "proved"
    assert not finding.evidence["is_sum"]


@pytest.mark.parametrize(("clear", "expected"), [(True, "note"), (False, "proved")])
def test_gradients_made_inside_the_optimisers_step(verdict, clear, expected):
    model = small_network()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=2)
    given = {"model": model, "optimizer": optimizer, "training_step": closure_step(clear=clear)}
    assert verdict("gradients_cleared", **given) == expected


def test_gradients_left_on_parameters_of_others_are_healthy(verdict):
    """The optimiser trains the head; what piles up in the features is not used."""
    model = small_network()

    def step(model: nn.Module, batch: Any, optimizer: torch.optim.Optimizer) -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    optimizer = torch.optim.Adam(model[3].parameters())
    assert verdict("gradients_cleared", model=model, optimizer=optimizer, training_step=step) == "note"


def test_dropout_does_not_look_like_a_leftover(verdict):
    model = small_network().insert(2, nn.Dropout(0.5))
    assert verdict("gradients_cleared", model=model, training_step=step_that("first")) == "note"


def test_a_step_that_no_seed_repeats_is_not_judged(run):
    def step(model: nn.Module, batch: Any, optimizer: torch.optim.Optimizer) -> torch.Tensor:
        generator = torch.Generator()
        generator.seed()
        optimizer.zero_grad()
        noise = torch.randn(batch[0].shape, generator=generator)
        loss = F.cross_entropy(model(batch[0] + noise), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    assert "see seed_reproducible" in run("gradients_cleared", training_step=step).reason


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    assert "no training_step was given" in run("gradients_cleared").reason
    idle = run("gradients_cleared", training_step=lambda model, batch, optimizer: 0.0)
    assert "no update of the weights within 64 calls" in idle.reason
