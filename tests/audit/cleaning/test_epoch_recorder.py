"""Margins recorded from training batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.audit.cleaning.epochs import EpochRecorder, _filled
from assay.data.data import Data
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import Training


def test_gaps_take_the_value_before_and_at_the_start_the_one_after():
    nan = np.nan
    values = np.array([[nan, 1.0, 1.0, nan], [2.0, nan, 3.0, nan], [nan, nan, 5.0, nan]])
    assert _filled(values).tolist() == [[2, 1, 1, 0], [2, 1, 3, 0], [2, 1, 5, 0]]


def test_without_learning_every_epoch_says_the_same_as_the_network(tiny_images: Data):
    recipe = Recipe(optimizer=SGD(learning_rate=0.0), batch_size=8, epochs=3.0)
    training = Training(recipe, tiny_images, seed=0, evaluations=1, monitored=False)
    recorder = EpochRecorder(training)
    for step in training:
        recorder.note(step.number)
    found = recorder.close()
    assert found is not None
    assert found.variability == pytest.approx(np.zeros(len(tiny_images.train)), abs=0.05)
    assert found.forgotten.sum() == 0
    assert not training.learner.model._forward_hooks


def test_examples_are_told_apart(tiny_images: Data):
    """The rows are those of the batches: what the network says of an example lands in its own place."""
    training = Training(Recipe(batch_size=8, epochs=1.0), tiny_images, seed=0, evaluations=1, monitored=False)
    recorder = EpochRecorder(training)
    first = next(training.feed.indices(range(1)))
    weights = training.learner.model.state_dict()
    weights = {name: value.clone() for name, value in weights.items()}
    recorder.note(next(iter(training)).number)
    model = training.learner.model
    model.load_state_dict(weights)
    inputs = tiny_images.specification.normalization(tiny_images.train.gather(first))
    expected = model.train()(inputs).detach().softmax(1)[torch.arange(len(first)), tiny_images.train.targets[first]]
    assert recorder._own[0, first.numpy()] == pytest.approx(expected.numpy(), abs=1e-5)
    assert np.isnan(np.delete(recorder._own[0], first.numpy())).all()
