"""Evaluation against results worked by hand, and the traces it must not leave."""

import math
from dataclasses import dataclass, replace

import pytest
import torch
from sklearn.metrics import r2_score
from torch import Tensor, nn

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.evaluation import evaluate, predict, r_squared, score
from assay.intervals import wilson_interval

CLASSES = Specification(
    task="classification",
    input_shape=(2,),
    normalization=Normalization((1.0, 1.0), (2.0, 2.0)),
    encoder=ArrayEncoder(shape=(2,)),
    classes=("a", "b"),
)
NUMBERS = replace(CLASSES, task="regression", classes=(), target_mean=10.0, target_std=4.0)


def split_of(inputs: list[list[float]], targets: Tensor) -> Split:
    return Split(torch.tensor(inputs), targets, tuple(map(str, range(len(inputs)))))


def test_classification_by_hand():
    # Normalised, the second input is ln 3 above the first: probabilities 1/4 and 3/4.
    rows = [[1.0, 1.0 + 2.0 * math.log(3.0)]] * 3 + [[1.0, 1.0]]
    split = split_of(rows, torch.tensor([1, 1, 0, 0]))
    found = evaluate(nn.Identity(), split, CLASSES)
    torch.testing.assert_close(found.outputs, torch.tensor([[0.25, 0.75]] * 3 + [[0.5, 0.5]]))
    assert found.correct.tolist() == [True, True, False, True]
    assert (found.metric, found.value, found.n) == ("accuracy", 0.75, 4)
    assert (found.low, found.high) == wilson_interval(3, 4)
    losses = torch.tensor([math.log(4 / 3), math.log(4 / 3), math.log(4), math.log(2)])
    torch.testing.assert_close(found.example_losses, losses)
    assert found.loss == pytest.approx(losses.mean().item())
    assert found.example_scores.tolist() == [1.0, 1.0, 0.0, 1.0]
    assert torch.equal(found.targets, split.targets)


def test_regression_by_hand():
    # Predictions 10 + 4 * (0, 0.5, 1) = 10, 12, 14 of targets 9, 12, 15: errors 1, 0, 1 around a mean of 12.
    split = split_of([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]], torch.tensor([9.0, 12.0, 15.0]))
    found = evaluate(_First(), split, NUMBERS)
    assert found.outputs.tolist() == [[10.0], [12.0], [14.0]]
    assert found.value == pytest.approx(1 - 2 / 18)
    assert found.example_losses.tolist() == [1 / 16, 0.0, 1 / 16]
    assert found.loss == pytest.approx(2 / 48)
    assert found.metric == "r2"
    assert found.low <= found.value <= found.high <= 1.0
    assert found.example_scores.mean().item() == pytest.approx(found.value)


class _First(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs[:, :1]


def test_the_score_that_a_report_keeps():
    answers = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
    evaluation = score(answers, torch.tensor([0, 1, 0, 1]), CLASSES)
    low, high = wilson_interval(3, 4)
    assert evaluation.plain_score == {"metric": "accuracy", "value": 0.75, "low": low, "high": high, "n": 4}


def test_constant_regression_targets_give_numbers():
    found = score(torch.tensor([[10.0], [10.5]]), torch.tensor([10.0, 10.0]), NUMBERS)
    assert math.isfinite(found.value)
    assert found.example_scores.isfinite().all()
    assert found.example_scores.mean().item() == pytest.approx(found.value)


@pytest.mark.parametrize("seed", range(5))
def test_example_scores_average_to_the_metric(seed: int):
    generator = torch.Generator().manual_seed(seed)
    targets = 50.0 + 3.0 * torch.randn(30, generator=generator)
    answers = (targets + torch.randn(30, generator=generator)).unsqueeze(1)
    found = score(answers, targets, NUMBERS)
    assert found.value == pytest.approx(r2_score(targets.numpy(), answers[:, 0].numpy()), abs=1e-6)
    assert found.example_scores.mean().item() == pytest.approx(found.value, abs=1e-9)


def test_r_squared_is_0_for_the_mean_and_1_at_best():
    targets = torch.tensor([1.0, 2.0, 6.0])
    assert r_squared(torch.full((3,), 3.0), targets) == pytest.approx(0.0)
    assert r_squared(targets, targets) == 1.0
    assert r_squared(-targets, targets) < 0
    # A mean a million times the deviation would drown the difference in float32.
    assert r_squared(targets + 2e6, targets + 2e6 + torch.tensor([0.0, 0.0, 1.0])) < 1.0


def test_more_examples_give_a_narrower_interval():
    generator = torch.Generator().manual_seed(0)
    targets = torch.randn(800, generator=generator)
    answers = (targets + 0.5 * torch.randn(800, generator=generator)).unsqueeze(1)
    few, many = (score(answers[:n], targets[:n], replace(NUMBERS, target_mean=0.0)) for n in (50, 800))
    assert many.high - many.low < few.high - few.low
    assert many.low < 1 - 0.25 < many.high, "the true r2 is 1 - .25 / 1"


@pytest.mark.parametrize("batch_size", [1, 3, 8, 1000])
def test_the_batch_size_does_not_matter(tiny_images: Data, batch_size: int):
    model = _small_network()
    whole = predict(model, tiny_images.validation, tiny_images.specification)
    parts = predict(model, tiny_images.validation, tiny_images.specification, batch_size=batch_size)
    torch.testing.assert_close(parts, whole)
    torch.testing.assert_close(whole.sum(1), torch.ones(8))


def _small_network() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(0.5), nn.Linear(64, 4))


@pytest.mark.parametrize("training", [True, False])
def test_it_leaves_no_trace(tiny_images: Data, training: bool):
    model = _small_network().train(training)
    # A frozen layer inside a training network must still be frozen afterwards, and the other way round.
    model[1].train(not training)
    modes = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch_state = torch.get_rng_state()
    first = evaluate(model, tiny_images.validation, tiny_images.specification)
    second = evaluate(model, tiny_images.validation, tiny_images.specification)
    assert torch.equal(first.outputs, second.outputs), "dropout or batch statistics were at work"
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch_state, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_mode_is_put_back_after_an_error_too(tiny_images: Data):
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 4)).train()
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        evaluate(model, tiny_images.validation, tiny_images.specification)
    assert model.training
    assert model[1].training


@dataclass(frozen=True)
class Decoded:
    """Lazy inputs: each row is made when it is asked for."""

    rows: tuple[int, ...]
    inputs: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Tensor:
        return self.inputs[self.rows[index]]

    def select(self, indices):
        return replace(self, rows=tuple(self.rows[index] for index in indices))


@pytest.mark.parametrize("workers", [0, 2])
def test_lazy_inputs_give_the_same_result(tiny_images: Data, workers: int):
    model, split = _small_network(), tiny_images.validation
    assert isinstance(split.inputs, Tensor)
    lazy = replace(split, inputs=Decoded(tuple(range(len(split))), split.inputs))
    expected = evaluate(model, split, tiny_images.specification, batch_size=3)
    found = evaluate(model, lazy, tiny_images.specification, batch_size=3, workers=workers)
    assert torch.equal(found.outputs, expected.outputs)
    assert found.value == expected.value


def test_a_network_that_broke_is_right_about_nothing():
    """Not a number is the largest of all to `argmax`: without care class 0 would win every example."""
    split = split_of([[float("nan"), 0.0]] * 4, torch.zeros(4, dtype=torch.int64))
    found = evaluate(nn.Identity(), split, CLASSES)
    assert found.value == 0.0
    assert not found.correct.any()
    assert math.isnan(found.loss)


class _Elsewhere(nn.Module):
    """Lives on a device without memory, and says where its inputs were brought."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, device="meta"))
        self.seen: list[str] = []

    def forward(self, inputs: Tensor) -> Tensor:
        self.seen.append(inputs.device.type)
        return torch.zeros(len(inputs), 4)


def test_inputs_are_brought_to_where_the_network_is(tiny_images: Data):
    """A network fresh from training on a GPU is judged without saying so again."""
    model = _Elsewhere()
    evaluate(model, tiny_images.validation, tiny_images.specification)
    assert model.seen == ["meta"]
