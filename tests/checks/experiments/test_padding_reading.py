"""Networks that sum padded sequences up: by real places, or by padding."""

import pytest
import torch
from check_programs import loader_of, pipeline_of
from torch import nn

from assay.checks.experiments.padding_reading import reads_padding
from assay.checks.given.padding import real_places

WORDS, LENGTH = 12, 9


class Reader(nn.Module):
    """A packed GRU, whose answers after the end of a sequence are 0, as PyTorch gives them."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.words, self.layer, self.head = nn.Embedding(WORDS, 8), nn.GRU(8, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, tokens):
        real = tokens != 0
        packed = nn.utils.rnn.pack_padded_sequence(self.words(tokens), real.sum(1), True, enforce_sorted=False)
        answers = nn.utils.rnn.pad_packed_sequence(self.layer(packed)[0], True, total_length=LENGTH)[0]
        if self.place == "mean":
            return self.head((answers * real[..., None]).sum(1) / real.sum(1, keepdim=True))
        last = real.sum(1) - 1 if self.place == "last word" else torch.full((len(tokens),), LENGTH - 1)
        return self.head(answers[torch.arange(len(tokens)), last])


def padded_rows(shortest=3):
    generator = torch.Generator().manual_seed(0)
    words = torch.randint(1, WORDS, (96, LENGTH), generator=generator)
    lengths = torch.randint(shortest, LENGTH + 1, (96, 1), generator=generator)
    return torch.where(torch.arange(LENGTH) < lengths, words, 0), torch.arange(96) % 3


def program_of(program, place, tokens=None):
    given, targets = padded_rows()
    return program(model=Reader(place), train_loader=loader_of(given if tokens is None else tokens, targets))


def test_a_last_place_that_is_padding_is_proved(run):
    tokens, targets = padded_rows()
    given = {"model": Reader("last place"), "train_loader": loader_of(tokens, targets)}
    (finding,) = run("time_dependency", **given)
    padded = int((tokens == 0).any(1).sum())
    assert finding.level == "proved"
    assert finding.evidence == {"padded": padded, "full": 96 - padded}
    assert "padding is read in place of words" in finding.summary


@pytest.mark.parametrize("place", ["last word", "mean"])
def test_real_places_that_are_read_pass(program, place):
    assert reads_padding(pipeline_of(program_of(program, place))) is None


def test_outputs_that_no_word_moves_are_another_fault(program):
    given = program_of(program, "last place")
    nn.init.zeros_(given["model"].head.weight)
    assert reads_padding(pipeline_of(given)) is None


def test_rows_without_padding_are_left_alone(program):
    tokens, _ = padded_rows(shortest=LENGTH)
    assert reads_padding(pipeline_of(program_of(program, "last place", tokens))) is None


def test_padding_stands_at_one_end_only():
    rows = torch.tensor([[3, 4, 0, 0], [2, 0, 0, 0], [5, 6, 7, 8]])
    left, right = real_places(rows.flip(1)), real_places(rows)
    assert left is not None
    assert right is not None
    assert right.tolist() == [[True, True, False, False], [True, False, False, False], [True] * 4]
    assert torch.equal(left, right.flip(1))
    inside = torch.tensor([[3, 0, 4, 0], [0, 2, 0, 0], [5, 6, 7, 0]])
    assert real_places(inside) is None  # 0 is a word of its own there
    assert real_places((rows > 0).long()) is None  # a mask
    assert real_places(rows.float()) is None
