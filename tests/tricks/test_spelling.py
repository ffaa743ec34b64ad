"""One word in its many spellings."""

import pytest

from assay.tricks.spelling import condense, holds


@pytest.mark.parametrize("text", ["layer-norm", "LayerNorm", "layer norm", "layer_norm", "LAYER NORM", "Layer-Norm."])
def test_spellings_of_one_name_are_one(text):
    assert condense(text) == "layernorm"


def test_british_and_american_spellings_are_one():
    assert condense("weight standardization") == condense("WeightStandardisation")
    assert condense("color center") == condense("Colour-Centre")


@pytest.mark.parametrize(
    ("wanted", "is_there"),
    [
        ("group norm", True), ("groupnorm", True), ("GROUP-NORM", True), ("norm", True), ("stand", True),
        ("oup", False), ("normg", False), ("-", False), ("", False), ("1cycle", True), ("arXiv:1506.01186", True),
    ],
)  # fmt: skip
def test_a_word_stands_where_one_begins(wanted, is_there):
    text = "GroupNorm: weights are standardised; 1cycle of arXiv:1506.01186"
    assert holds(text, wanted) is is_there
