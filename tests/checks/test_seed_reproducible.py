import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, small_network
from torch import nn
from torch.utils.data import DataLoader, Dataset


def noisy_step(generator_of):
    def step(model, batch, optimizer):
        noise = torch.randn(batch[0].shape, generator=generator_of())
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0] + 0.3 * noise), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    return step


def test_healthy_training_repeats_itself(verdict):
    assert verdict("seed_reproducible") == "note"


def test_dropout_repeats_itself(verdict):
    assert verdict("seed_reproducible", model=small_network().insert(2, nn.Dropout(0.5))) == "note"


def test_a_generator_made_once_outside_the_step_is_healthy_and_put_back(verdict):
    generator = torch.Generator().manual_seed(5)
    before = generator.get_state()
    assert verdict("seed_reproducible", training_step=noisy_step(lambda: generator)) == "note"
    assert torch.equal(generator.get_state(), before)


def test_a_generator_seeded_by_the_clock_is_proved(verdict):
    def from_entropy() -> torch.Generator:
        generator = torch.Generator()
        generator.seed()
        return generator

    assert verdict("seed_reproducible", training_step=noisy_step(from_entropy)) == "proved"


GENERATOR = np.random.default_rng(0)


class Noisy(Dataset):
    """Examples with noise that a function draws; `held` is any generator that the data set keeps."""

    def __init__(self, noise, held=None) -> None:
        self.inputs, self.labels = digits_like()
        self.noise, self.held = noise, held

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index):
        return self.inputs[index] + 0.1 * self.noise(self.held), self.labels[index]


def drawn(noise, held=None):
    return DataLoader(Noisy(noise, held), 40, shuffle=True, generator=torch.Generator())


@pytest.mark.parametrize(
    "noise",
    [
        lambda held: float(torch.randn(())),
        lambda held: np.random.randn(),
        lambda held: random.gauss(0, 1),
        lambda held: GENERATOR.standard_normal(),
        lambda held: np.random.default_rng(3).standard_normal(),
    ],
    ids=["torch", "numpy", "python", "a generator behind a global name", "seeded at each call"],
)
def test_noise_from_seeds_and_memory_is_healthy(run, noise):
    (finding,) = run("seed_reproducible", train_loader=drawn(noise))
    assert finding.level == "note"


def test_a_generator_that_the_data_set_holds_is_healthy(run):
    loader = drawn(lambda held: held.standard_normal(), np.random.default_rng())
    assert run("seed_reproducible", train_loader=loader)[0].level == "note"


@pytest.mark.parametrize(
    "noise",
    [lambda held: np.random.default_rng().standard_normal(), lambda held: random.SystemRandom().gauss(0, 1)],
    ids=["numpy", "python"],
)
def test_noise_from_the_systems_entropy_is_proved(run, noise):
    (finding,) = run("seed_reproducible", train_loader=drawn(noise))
    assert finding.level == "proved"
    assert "8 of 8 training inputs differ" in finding.summary
    assert "default_rng" in finding.cause
