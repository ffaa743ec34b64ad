import io

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, update_bn

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.training.train import Training, train
from assay.tricks.average.ema import EMA
from assay.tricks.average.swa import SWA, TAKEN, measure_statistics


def scalar(value: float) -> nn.Module:
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, value)
    return model


def after(trick: SWA, values: list[float], steps_per_epoch: int) -> list[float]:
    """The average after each step of a training whose only weight takes these values."""
    state, found = trick.start(scalar(0.0)), []
    for step, value in enumerate(values):
        state = trick.update(state, scalar(value), Clock(step, len(values), steps_per_epoch))
        found.append(state["weight"].item())
    return found


def batches():
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(6, 1, 8, 8, generator=generator) * 3 + 2 for _ in range(4)]


def test_first_boundary_and_last_by_hand():
    """8 steps, 2 an epoch, from half-way: the weights after 4, 6 and 8 updates; until then the weights themselves."""
    found = after(SWA(0.5), [1.0, 2.0, 3.0, 4.0, 100.0, 10.0, 100.0, 1.0], 2)
    assert found == pytest.approx([1, 2, 3, 4, 4, 7, 7, 5])
    assert after(SWA(1.0), [3.0, 1.0, 2.0], 1) == [3.0, 1.0, 2.0]
    assert after(SWA(0.0), [3.0, 1.0, 2.0], 1) == [3.0, 2.0, 2.0]
    assert after(SWA(0.0, every_epochs=2.0), [3.0, 1.0, 2.0, 5.0], 1) == [3.0, 1.0, 1.0, 3.0]


def test_agrees_with_torchs_averaged_model_and_its_statistics():
    model = ResNet(8, 4).build((1, 8, 8), 2)
    ours, theirs = SWA(0.0), AveragedModel(model)
    state = ours.start(model)
    for step in range(5):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(step)))
        theirs.update_parameters(model)
        state = ours.update(state, model, Clock(step, 5, 1))
    update_bn(batches(), theirs)
    built = ours.build(state, lambda: ResNet(8, 4).build((1, 8, 8), 2).eval(), batches)
    assert not built.training
    for name, value in theirs.module.state_dict().items():
        torch.testing.assert_close(built.state_dict()[name], value, atol=1e-5, rtol=1e-5)


def test_statistics_by_hand():
    """Equal shares of each batch's mean and unbiased variance, whatever was there before."""
    model = nn.Sequential(nn.BatchNorm1d(1))
    model[0].running_mean.fill_(77.0)
    measure_statistics(model, lambda: [torch.tensor([[1.0], [3.0]]), torch.tensor([[10.0], [14.0]])])
    assert model[0].running_mean.item() == pytest.approx((2.0 + 12.0) / 2)
    assert model[0].running_var.item() == pytest.approx((2.0 + 8.0) / 2)
    assert model[0].momentum == 0.1


@pytest.mark.usefixtures("random_state_untouched")
def test_measuring_leaves_random_state_and_networks_without_batch_norm_alone():
    dropping = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(1)).eval()
    measure_statistics(dropping, lambda: [torch.ones(4, 1)])
    assert not dropping.training
    measure_statistics(nn.Identity(), lambda: (pytest.fail("no statistics need no batch") for _ in range(1)))


def test_the_last_weights_alone_keep_their_statistics():
    model = nn.BatchNorm1d(2)
    model.running_mean.fill_(3.0)
    state = SWA(1.0).update(SWA(1.0).start(model), model, Clock(0, 1, 1))
    built = SWA(1.0).build(state, lambda: nn.BatchNorm1d(2), lambda: pytest.fail("nothing was averaged"))
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in built.state_dict().items())


def test_a_checkpoint_of_the_state_continues_bit_for_bit():
    values = [float(value) for value in range(12)]
    trick = SWA(0.25)
    state = trick.start(scalar(0.0))
    for step, value in enumerate(values):
        if step == 7:
            file = io.BytesIO()
            torch.save(state, file)
            file.seek(0)
            state = torch.load(file, weights_only=True)
        state = trick.update(state, scalar(value), Clock(step, 12, 2))
    assert state["weight"].item() == after(trick, values, 2)[-1]
    assert int(state[TAKEN]) == 5


def test_it_trains_and_training_does_not_see_it(tiny_images):
    recipe = Recipe(model=ResNet(8, width=4), optimizer=SGD(0.05), batch_size=8, epochs=4.0)
    plain, averaged = train(recipe, tiny_images), train(recipe | SWA(0.5), tiny_images)
    plain_weights, last = plain.model.state_dict(), averaged.last_model.state_dict()
    assert all(torch.equal(last[name], value) for name, value in plain_weights.items())
    assert not all(torch.equal(averaged.model.state_dict()[name], value) for name, value in plain_weights.items())


def test_a_resumed_training_ships_the_same_average(tiny_images, tmp_path):
    recipe = Recipe(model=ResNet(8, width=4), optimizer=SGD(0.05), batch_size=8, epochs=4.0) | SWA(0.25)
    half = Training(recipe, tiny_images, checkpoint=tmp_path / "half")
    for _ in zip(range(8), half, strict=False):
        pass
    half.save()
    expected, found = (train(recipe, tiny_images, **o) for o in ({}, {"checkpoint": tmp_path / "half"}))
    names = expected.model.state_dict()
    assert all(torch.equal(found.model.state_dict()[name], value) for name, value in names.items())


def test_refusals():
    with pytest.raises(ValueError, match=r"start_progress must be in \[0, 1\], got 75"):
        SWA(75.0)
    with pytest.raises(ValueError, match="every_epochs must be finite and at least 1e-06, got 0"):
        SWA(every_epochs=0.0)
    with pytest.raises(RecipeError, match="SWA and EMA both set average; keep one of them"):
        _ = Recipe() | EMA() | SWA()
