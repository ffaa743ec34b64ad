import io

import pytest
import torch
from torch import nn

from assay.artifact import load_model, save_model
from assay.losses import MeanSquaredError
from assay.models.ensemble import Ensemble
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.training.train import Training, train
from assay.tricks.average.snapshots import SnapshotEnsemble, Snapshots, ends_of_cycles
from assay.tricks.schedule.cyclic_cosine import CyclicCosine
from assay.tricks.schedule.sgdr import SGDR
from assay.tricks.stopping.early_stopping import EarlyStopping


def scalar(value: float) -> nn.Module:
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, value)
    return model


def members_after(values: list[float], total: int, cycles: int = 2, at: tuple[float, ...] = ()) -> list[float]:
    keeper = SnapshotEnsemble(cycles, at, classes=False)
    state = keeper.start(scalar(0.0))
    for step, value in enumerate(values):
        if step == 2:
            file = io.BytesIO()
            torch.save(state, file)
            file.seek(0)
            state = torch.load(file, weights_only=True)
        state = keeper.update(state, scalar(value), Clock(step, total, 2))
    built = keeper.build(state, lambda: scalar(0.0), list)
    return [member.weight.item() for member in (built.members if isinstance(built, Ensemble) else [built])]


def test_ends_by_hand():
    assert ends_of_cycles(12, cycles=3) == {4, 8, 12}
    assert ends_of_cycles(10, cycles=3) == {4, 8, 10}
    assert ends_of_cycles(2, cycles=5) == {1, 2}
    assert ends_of_cycles(150, cycles=5, at=(0.2, 70 / 150, 1.0)) == {30, 70, 150}


def test_members_by_hand():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert members_after(values, 6) == [3.0, 6.0]
    assert members_after(values[:5], 6) == [3.0]
    assert members_after(values, 6, at=(0.5, 0.67)) == [3.0, 4.0]
    assert members_after(values[:2], 6) == [2.0], "before the first, the network in training"
    assert members_after([], 6) == [0.0]


@pytest.mark.parametrize("cycles", [1, 2, 3, 5])
def test_snapshots_are_taken_just_before_the_rate_jumps(cycles):
    total = 23
    schedule = (Recipe() | CyclicCosine(cycles)).learning_rate_schedule
    assert schedule is not None
    rates = [schedule(Clock(step, total, 4)) for step in range(total)]
    jumps = {step for step in range(1, total) if rates[step] > rates[step - 1]}
    assert ends_of_cycles(total, cycles=cycles) == {*jumps, total}


def test_shares_fit_sgdrs_growing_periods():
    schedule = (Recipe(epochs=150.0) | SGDR(10.0, 2.0)).learning_rate_schedule
    assert schedule is not None
    for end in ends_of_cycles(150 * 3, cycles=5, at=(0.2, 0.467)):
        assert schedule(Clock(end, 450, 3)) == 1.0


def test_a_training_ships_an_ensemble_that_is_saved_and_read_back(tiny_images, tmp_path):
    recipe = Recipe(model=MLP((6,)), optimizer=SGD(0.1), batch_size=8, epochs=4.0) | CyclicCosine(2) | Snapshots(2)
    half = Training(recipe, tiny_images, checkpoint=tmp_path / "half")
    for _ in zip(range(7), half, strict=False):
        pass
    half.save()
    run, resumed = train(recipe, tiny_images), train(recipe, tiny_images, checkpoint=tmp_path / "half")
    assert isinstance(run.model, Ensemble)
    assert len(run.model.members) == 2
    inputs = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(run.model(inputs), resumed.model(inputs))
    expected = torch.stack([member(inputs).softmax(1) for member in run.model.members]).mean(0)
    torch.testing.assert_close(run.model(inputs).exp(), expected)
    last = run.last_model.state_dict()
    assert all(torch.equal(run.model.members[1].state_dict()[name], value) for name, value in last.items())
    path = save_model(tmp_path, [run.model], tiny_images.specification, recipe)
    torch.testing.assert_close(load_model(path).module(inputs), run.model(inputs))


def test_regression_networks_vote_by_their_mean(tiny_table):
    recipe = Recipe(model=MLP((4,)), loss=MeanSquaredError(), batch_size=12, epochs=2.0) | Snapshots(2)
    model = train(recipe, tiny_table).model
    assert isinstance(model, Ensemble)
    assert not model.classes


def test_early_stopping_is_refused_on_either_side():
    with pytest.raises(RecipeError, match="Snapshots and EarlyStopping both set stopping; keep one of them"):
        _ = Recipe() | EarlyStopping() | Snapshots()
    with pytest.raises(RecipeError, match="EarlyStopping and Snapshots both set stopping; keep one of them"):
        _ = Recipe() | Snapshots() | EarlyStopping()
    assert (Recipe() | Snapshots()).stopping is None


def test_refusals():
    with pytest.raises(ValueError, match="cycles must be finite and at least 1, got 0"):
        Snapshots(0)
    with pytest.raises(ValueError, match=r"at must be in \(0, 1\], got 30"):
        Snapshots(at=(30.0,))
    with pytest.raises(
        ValueError, match=r"at must be in \(0, 1\], got 0.0; they are shares .* nothing is trained at 0"
    ):
        Snapshots(at=(0.0, 0.5))
    with pytest.raises(ValueError, match=r"at must rise, got \(0.5, 0.2\)"):
        Snapshots(at=(0.5, 0.2))
