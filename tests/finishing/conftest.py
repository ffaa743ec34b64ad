"""Evaluations made up by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import torch

from assay.data.data import Data
from assay.evaluation import Evaluation, score

MakeEvaluation = Callable[[Sequence[Sequence[float]], Sequence[int]], Evaluation]


@pytest.fixture
def judged(tiny_images: Data) -> MakeEvaluation:
    """An evaluation of these probabilities (rows of four) on these labels."""

    def make(rows: Sequence[Sequence[float]], labels: Sequence[int]) -> Evaluation:
        return score(torch.tensor(rows), torch.tensor(labels), tiny_images.specification)

    return make
