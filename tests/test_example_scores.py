"""What is kept of each example: found again exactly, and taken together only where the examples are the same."""

from __future__ import annotations

import json

import numpy as np
import torch

from assay.example_scores import keep_scores, same_examples

SCORES = torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64)


def test_scores_come_back_as_they_were() -> None:
    kept = json.loads(json.dumps(keep_scores(("a", "b", "c"), SCORES)))
    found = same_examples(kept, keep_scores(("a", "b", "c"), 1 - SCORES))
    assert found is not None
    np.testing.assert_array_equal(found[0], [1, 0, 1])
    np.testing.assert_array_equal(found[1], [0, 1, 0])


def test_other_examples_or_another_order_are_no_pairs() -> None:
    kept = keep_scores(("a", "b", "c"), SCORES)
    assert same_examples(kept, keep_scores(("a", "c", "b"), SCORES)) is None
    assert same_examples(kept, None) is None
    assert same_examples({}, kept) is None
