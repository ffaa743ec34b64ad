import io
import math

import pytest
import torch

from assay.recipe import Recipe
from assay.tricks.stopping.early_stopping import EarlyStopping, observe_value


def stop_after(stopping, values):
    """How many values are looked at before it stops, and the state then."""
    state = stopping.start()
    for number, value in enumerate(values, start=1):
        state = stopping.observe(state, value)
        if stopping.should_stop(state):
            return number, state
    return None, state


def test_by_hand():
    # Best 0.8 at the second look; the third, fourth and fifth do not improve on it.
    number, state = stop_after(EarlyStopping(patience_epochs=3), [1.0, 0.8, 0.9, 0.8, 0.81, 0.1])
    assert number == 5
    assert state == {"best": 0.8, "stale_epochs": 3}


def test_an_improvement_starts_the_count_again():
    assert stop_after(EarlyStopping(patience_epochs=2), [1.0, 1.1, 0.9, 1.0, 0.8, 0.9]) == (
        None,
        {"best": 0.8, "stale_epochs": 1},
    )


def test_min_delta_by_hand():
    # From 1.0 the loss must fall below 0.9; 0.95 and 0.9 do not, 0.89 does.
    stopping = EarlyStopping(patience_epochs=3, min_delta=0.1)
    _, state = stop_after(stopping, [1.0, 0.95, 0.9])
    assert state == {"best": 1.0, "stale_epochs": 2}
    assert stopping.observe(state, 0.89) == {"best": 0.89, "stale_epochs": 0}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("min_delta", [0.0, 0.05])
def test_agrees_with_the_counter_of_torchs_plateau_scheduler(seed, min_delta):
    print("seed", seed)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, patience=10**6, threshold=min_delta, threshold_mode="abs"
    )
    stopping = EarlyStopping(min_delta=min_delta)
    state = stopping.start()
    for value in torch.rand(100, generator=torch.Generator().manual_seed(seed)).tolist():
        plateau.step(value)
        state = stopping.observe(state, value)
        assert state == {"best": plateau.best, "stale_epochs": plateau.num_bad_epochs}


def test_improved_says_when_to_keep_the_weights():
    stopping = EarlyStopping()
    first = stopping.observe(stopping.start(), 1.0)
    assert stopping.improved(stopping.start(), first)
    assert not stopping.improved(first, stopping.observe(first, 1.0))
    assert stopping.improved(first, stopping.observe(first, 0.5))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_diverged_loss_is_no_improvement(value):
    number, state = stop_after(EarlyStopping(patience_epochs=2), [value, value])
    assert number == 2
    assert state["best"] == math.inf


def test_observing_leaves_the_old_state_alone():
    state = EarlyStopping().start()
    observe_value(state, 0.5)
    assert state == {"best": math.inf, "stale_epochs": 0}


def test_a_falling_loss_never_stops():
    number, _ = stop_after(EarlyStopping(patience_epochs=1), [1 / n for n in range(1, 100)])
    assert number is None


def test_the_state_survives_a_checkpoint():
    _, state = stop_after(EarlyStopping(), [1.0, 2.0])
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    assert torch.load(file, weights_only=True) == state


def test_the_trick_fills_the_slot_with_itself():
    assert (Recipe() | EarlyStopping(7, restore_best=False)).stopping == EarlyStopping(7, restore_best=False)
    assert Recipe().stopping is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience_epochs": 0}, "patience_epochs must be at least 1, got 0; the usual value is 5"),
        ({"min_delta": -0.1}, "min_delta must be finite and at least 0, got -0.1"),
        ({"min_delta": math.inf}, "min_delta must be finite and at least 0, got inf"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**options)
