"""Curves of a training: thinned evenly, first and last kept, plain enough for JSON."""

import json

import pytest
import torch

from assay.evaluation import Evaluation, score
from assay.loop import Step
from assay.training.history import RECORDED_STEPS, WATCHED_EXAMPLES, History
from assay.training.sample import TrainingSample


@pytest.fixture
def evaluation(tiny_images) -> Evaluation:
    answers = torch.rand(20, 4, generator=torch.Generator().manual_seed(0)).softmax(1)
    return score(answers, torch.arange(20) % 4, tiny_images.specification)


@pytest.mark.parametrize("total", [1, 7, 400, 401, 799, 800, 12345])
def test_keeps_about_400_evenly_spaced_steps_and_the_last(total: int):
    history = History()
    for number in range(total):
        history.record_step(Step(number, torch.tensor(float(number)), 0.5), total)
    assert history.steps[0] == 0
    assert history.steps[-1] == total - 1
    assert min(total, RECORDED_STEPS) <= len(history.steps) <= 2 * RECORDED_STEPS
    assert history.losses == list(map(float, history.steps))
    gaps = {b - a for a, b in zip(history.steps[:-2], history.steps[1:-1], strict=False)}
    assert len(gaps) <= 1


def test_remembers_each_look(evaluation: Evaluation):
    history = History()
    history.record_evaluation(10, evaluation)
    history.record_evaluation(20, evaluation)
    assert history.looks == [10, 20]
    assert history.validation_values == [evaluation.value] * 2
    assert history.validation_losses == [evaluation.loss] * 2
    assert history.dynamics[0] == evaluation.outputs[:WATCHED_EXAMPLES].tolist()


def test_goes_through_json(evaluation: Evaluation):
    history = History()
    history.record_step(Step(0, torch.tensor(0.1), 0.003), 10)
    history.record_evaluation(1, evaluation)
    history.record_score("validation", evaluation)
    history.samples.append(TrainingSample(7, 0.5, {"weight": 1e-3}, {"relu": 0.25}, 32, {}, {"layer": [1.0]}, {}))
    assert History.from_dict(json.loads(json.dumps(history.to_dict()))) == history


def test_reads_what_was_written_before_there_were_monitors(evaluation: Evaluation):
    history = History()
    history.record_evaluation(1, evaluation)
    old = {name: value for name, value in history.to_dict().items() if name not in ("samples", "scores")}
    assert History.from_dict(old) == history


def test_a_score_tells_its_interval_and_the_error_of_its_loss(evaluation: Evaluation):
    history = History()
    history.record_score("training", evaluation)
    score = history.scores["training"]
    assert (score.value, score.low, score.high, score.n) == (evaluation.value, evaluation.low, evaluation.high, 20)
    assert score.loss_error == pytest.approx(float(evaluation.example_losses.std()) / 20**0.5)
