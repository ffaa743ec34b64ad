"""A blind batch is one that the network still takes."""

import pytest
import torch
from check_programs import pipeline_of
from torch import Tensor, nn

from assay.checks.experiments.blind_inputs import blind_batch
from assay.checks.given.batches import split_batch
from assay.checks.given.cannot_check import CannotCheckError


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.recurrent, self.head = nn.GRU(4, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        return self.head(self.recurrent(packed)[1][-1])


def sequences() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 3
    inputs = torch.randn(24, 5, 4, generator=generator)
    inputs[:, 0, :3] += 3 * torch.eye(3)[labels]
    return inputs, torch.randint(1, 6, (24,), generator=generator), labels


@pytest.mark.parametrize("by_name", [False, True])
def test_lengths_are_kept_where_zero_is_none(program, run, by_name):
    inputs, lengths, labels = sequences()
    batch = {"x": inputs, "lengths": lengths, "labels": labels} if by_name else ((inputs, lengths), labels)
    pipeline = pipeline_of(program(model=Packed(), train_loader=[batch]))
    made, kept = blind_batch(pipeline, batch)
    blind = split_batch(made)[0]
    blind = (blind["x"], blind["lengths"]) if by_name else blind
    assert kept == "lengths and masks kept"
    assert not blind[0].any()
    assert torch.equal(blind[1], lengths)
    (finding,) = run("input_independent_baseline", model=Packed(), train_loader=[batch])
    assert finding.level == "note"
    assert "24 examples" in finding.summary
    assert "lengths and masks kept" in finding.summary


def test_all_inputs_are_zeroed_where_the_network_takes_that(program):
    pipeline = pipeline_of(program())
    made, kept = blind_batch(pipeline, pipeline.batches[0])
    assert kept == ""
    assert not made[0].any()
    assert torch.equal(made[1], pipeline.batches[0][1])


def test_real_words_are_kept_beside_real_numbers_that_go(program):
    class OneBased(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.head = nn.Embedding(5, 4), nn.Linear(8, 3)

        def forward(self, words: Tensor, values: Tensor) -> Tensor:
            return self.head(torch.cat([self.words(words - 1).mean(1), values], 1))

    batch = ((torch.randint(1, 6, (12, 3)), torch.randn(12, 4)), torch.arange(12) % 3)
    made, kept = blind_batch(pipeline_of(program(model=OneBased(), train_loader=[batch])), batch)
    assert kept == "whole numbers kept"
    assert not split_batch(made)[0][1].any()


def test_a_network_that_takes_nothing_blind_says_why(program):
    class Normed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(4, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.head(inputs / inputs.norm(dim=1, keepdim=True))

    batch = (torch.randn(12, 4), torch.arange(12) % 3)
    pipeline = pipeline_of(program(model=Normed(), train_loader=[batch]))
    with pytest.raises(CannotCheckError, match=r"inputs that are set to 0 \(its answers are not finite\)"):
        blind_batch(pipeline, batch)
