"""Short trainings from several seeds are several trainings, of the same examples."""

import pytest
import torch
from check_programs import pipeline_of

from assay.checks.experiments.own_training import _parts, material, train_own
from assay.checks.given.batches import split_batch


@pytest.fixture
def pipeline(program):
    return pipeline_of(program())


def test_a_training_that_draws_nothing_differs_from_seed_to_seed(pipeline):
    first, same, other = (train_own(pipeline, updates=6, seed=seed) for seed in (0, 0, 1))
    assert first.losses == same.losses
    assert first.losses[0] == other.losses[0]
    assert first.losses[-1] != other.losses[-1]


def test_each_seed_trains_on_every_example_once(pipeline):
    given = pipeline.once(material)
    whole = split_batch(given.trained)[0].flatten(1).sum(1).sort().values
    for seed in (0, 1, 2):
        parts = [split_batch(part)[0] for part in _parts(given, seed)]
        assert [len(part) for part in parts] == [len(split_batch(part)[0]) for part in given.parts]
        assert torch.equal(torch.cat(parts).flatten(1).sum(1).sort().values, whole)
