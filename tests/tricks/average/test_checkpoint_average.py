import io

import pytest
import torch
from torch import nn

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training.train import train
from assay.tricks.average.checkpoint_average import CheckpointAverage, mean_weights


def scalar(value: float) -> nn.Module:
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, value)
    return model


def built_after(trick: CheckpointAverage, values: list[float], total: int, steps_per_epoch: int) -> float:
    state = trick.start(scalar(0.0))
    for step, value in enumerate(values):
        if step == 4:
            file = io.BytesIO()
            torch.save(state, file)
            file.seek(0)
            state = torch.load(file, weights_only=True)
        state = trick.update(state, scalar(value), Clock(step, total, steps_per_epoch))
    return trick.build(state, lambda: scalar(0.0), list).weight.item()


def test_by_hand():
    """Epochs of 2 steps end after 2, 4, 6 and 8 updates; a ninth would move them all by one."""
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 12.0, 7.0, 8.0]
    assert built_after(CheckpointAverage(3), values, 8, 2) == pytest.approx(8.0)
    assert built_after(CheckpointAverage(3), values[:7], 8, 2) == pytest.approx(6.0)
    assert built_after(CheckpointAverage(2), [*values, 9.0], 9, 2) == pytest.approx(8.0)


def test_before_the_first_epoch_ends_it_is_the_weights_themselves():
    assert built_after(CheckpointAverage(3), [1.0, 2.0], 8, 4) == 2.0
    assert built_after(CheckpointAverage(3), [], 8, 4) == 0.0


def test_one_epoch_is_the_last_weights():
    assert built_after(CheckpointAverage(1), [1.0, 2.0, 3.0, 4.5], 4, 2) == 4.5


def test_means_are_of_floats_and_agree_with_numpy():
    generator = torch.Generator().manual_seed(0)
    states = [{"w": torch.randn(5, generator=generator), "n": torch.tensor(number)} for number in range(4)]
    found = mean_weights(states)
    torch.testing.assert_close(found["w"].numpy(), sum(state["w"].double().numpy() for state in states) / 4,
                               check_dtype=False)  # fmt: skip
    assert found["w"].dtype == torch.float32
    assert found["n"].item() == 3


def test_a_training_ships_the_average_with_statistics_of_its_own(tiny_images):
    recipe = Recipe(model=ResNet(8, width=4), optimizer=SGD(0.05), batch_size=8, epochs=4.0)
    plain, averaged = train(recipe, tiny_images), train(recipe | CheckpointAverage(2), tiny_images)
    assert all(torch.equal(averaged.last_model.state_dict()[n], v) for n, v in plain.model.state_dict().items())
    counts = [v.item() for n, v in averaged.model.state_dict().items() if n.endswith("num_batches_tracked")]
    assert set(counts) == {3}, "one epoch of 3 batches"


def test_refusals():
    with pytest.raises(ValueError, match="epochs must be finite and at least 1, got 0"):
        CheckpointAverage(0)
