import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.weights.lookahead import Lookahead


def scalar(value: float) -> nn.Module:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, value)
    return layer


def walk(trick: Lookahead, *, steps: int, total_steps: int) -> list[float]:
    """A weight that starts at 0 and that each update moves by 1."""
    model = scalar(0.0)
    (edit,) = (Recipe() | trick).weight_edits
    state, seen = edit.start(model), []
    for step in range(steps):
        with torch.no_grad():
            model.weight.add_(1.0)
        edit.edit(state, model, Clock(step, total_steps, 5))
        seen.append(model.weight.item())
    return seen


def test_by_hand():
    # Half of 2 at the second update; then half way from 1 to 3.
    assert walk(Lookahead(2, 0.5), steps=5, total_steps=99) == [1.0, 1.0, 2.0, 2.0, 3.0]
    assert walk(Lookahead(3, 0.25), steps=4, total_steps=99) == [1.0, 2.0, 0.75, 1.75]


def test_the_last_update_ends_at_the_slow_weights():
    assert walk(Lookahead(5, 0.5), steps=7, total_steps=7) == [1.0, 2.0, 3.0, 4.0, 2.5, 3.5, 3.5]


def test_a_rising_pull_begins_at_nothing_and_ends_at_the_share():
    # Pulls at steps 2 and 4 of 4 with rise 1: kept 1 - 0.5 * 2/4 of 2, and then 1 - 0.5 of the way to 3.5.
    assert walk(Lookahead(2, 0.5, rise=1.0), steps=4, total_steps=4) == [1.0, 1.5, 2.5, 2.5]


def test_airbench_keeps_what_its_code_keeps():
    """Its decay is 0.95^5 (step / steps)^3 of the slow weights, here at update 10 of 20."""
    share = 1 - 0.95**5
    state = Lookahead(5, share, 3.0).start(model := scalar(0.0))
    nn.init.constant_(model.weight, 1.0)
    Lookahead(5, share, 3.0).edit(state, model, Clock(9, 20, 5))
    assert model.weight.item() == pytest.approx(1 - 0.95**5 * 0.5**3)


def test_share_one_changes_nothing():
    model, moved = scalar(0.3), torch.tensor([[0.1]])
    state = Lookahead(1, 1.0).start(model)
    nn.init.constant_(model.weight, 0.1)
    Lookahead(1, 1.0).edit(state, model, Clock(0, 99, 5))
    assert torch.equal(model.weight, moved)


def test_the_slow_weights_are_copies_and_all_there_is_to_remember():
    model = scalar(2.0)
    state = Lookahead().start(model)
    with torch.no_grad():
        model.weight.add_(1.0)
    assert {name: value.tolist() for name, value in state.items()} == {"weight": [[2.0]]}


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="every must be finite and at least 1, got 0; the usual value is 5"):
        Lookahead(0)
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 1.5; the usual value is 0.5, and 1 turns it"):
        Lookahead(share=1.5)
    with pytest.raises(ValueError, match=r"rise must be finite and at least 0, got -1.0; 0 pulls alike throughout"):
        Lookahead(rise=-1.0)
