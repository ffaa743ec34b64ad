"""Does a network that sums sequences up read their words, or the padding after them?

    moved[i] = max |outputs[i] - outputs'[i]|,  ' with every word of example i exchanged and its padding kept

Reading the last place of a padded sequence gives every padded example the same answer, whatever it says, and full ones
their own. Both are asked for: exactly 0 for every padded example, each time, and more for every full one.

Source: PyTorch documentation of pad_packed_sequence (places after the end are 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.given.batches import map_tensors, replace_inputs, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.padding import real_places
from assay.checks.given.pipeline import Pipeline

EXAMPLES, FEWEST_PADDED, EXCHANGES = 256, 8, 3


@dataclass(frozen=True)
class PaddingReading:
    """How many examples have padding, and how many have none."""

    padded: int
    full: int


def reads_padding(pipeline: Pipeline) -> PaddingReading | None:
    """Examples whose words say nothing because they are padded; None where words count, or nothing is padded.

    Raises:
        CannotCheckError: the model returns no tensor with examples first.
    """
    batch = pipeline.examples(EXAMPLES)
    inputs = pipeline.inputs(batch)
    for number, tensor in enumerate(tensors_in(inputs)):
        real = real_places(tensor)
        if real is None:
            continue
        padded = ~real.all(1)
        if int(padded.sum()) < FEWEST_PADDED or bool(padded.all()):
            continue
        moved = _moved(pipeline, batch, number, real)
        if bool((moved[:, padded] == 0).all()) and bool((moved[:, ~padded] > 0).all()):
            return PaddingReading(int(padded.sum()), int((~padded).sum()))
    return None


def _moved(pipeline: Pipeline, batch: object, number: int, real: Tensor) -> Tensor:
    """(exchanges, examples): how far each output moves when words are exchanged for others that occur."""
    model = pipeline.evaluation_copy()
    tokens = list(tensors_in(pipeline.inputs(batch)))[number]
    words = tokens[real].unique()
    places = torch.searchsorted(words, torch.where(real, tokens, words[0]))

    def outputs_with(offset: int) -> Tensor:
        others = torch.where(real, words[(places + offset) % len(words)], tokens)
        numbers = iter(range(1000))
        edited = map_tensors(lambda tensor: others if next(numbers) == number else tensor, pipeline.inputs(batch))
        pipeline.seed_for("exchange of words")
        with torch.no_grad():
            outputs = pipeline.outputs(model, replace_inputs(batch, edited))
        if len(outputs) != len(tokens):
            raise CannotCheckError("outputs have no first axis of examples")
        return outputs.reshape(len(outputs), -1).double()

    before = outputs_with(0)
    return torch.stack([(outputs_with(offset) - before).abs().amax(1) for offset in range(1, EXCHANGES + 1)])
