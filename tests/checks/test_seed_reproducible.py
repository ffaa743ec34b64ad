import torch
import torch.nn.functional as F
from check_programs import small_network
from torch import nn


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
