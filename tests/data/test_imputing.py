"""Fills come from the training split alone and travel with the encoder."""

from __future__ import annotations

import pytest
import torch

from assay.data.encoders import ArrayEncoder, TableEncoder
from assay.data.examples import Examples
from assay.data.imputing import impute
from assay.data.reading.column import Column
from assay.errors import InputError

NAN = float("nan")


def examples_of(inputs: torch.Tensor, encoder: TableEncoder | ArrayEncoder) -> Examples:
    ids = tuple(str(index) for index in range(len(inputs)))
    return Examples("toy", "classification", inputs, torch.zeros(len(inputs), dtype=torch.int64), ids, encoder)


def test_medians_and_modes_by_hand() -> None:
    """Training rows are 0-3: median of 1, 5, 9 is 5; the word `b` is commonest."""
    encoder = TableEncoder((Column("x"), Column("w", categories=("a", "b"))))
    inputs = torch.tensor(
        [[1.0, 1, 0], [5.0, 0, 1], [9.0, 0, 1], [NAN, NAN, NAN], [1000.0, 1, 0], [float("inf"), NAN, NAN]]
    )
    filled = impute(examples_of(inputs, encoder), torch.tensor([0, 1, 2, 3]))
    assert isinstance(filled.inputs, torch.Tensor)
    assert filled.inputs[3].tolist() == [5.0, 0.0, 1.0]
    assert filled.inputs[5].tolist() == [5.0, 0.0, 1.0]
    assert filled.inputs[4].tolist() == [1000.0, 1.0, 0.0]
    assert isinstance(filled.encoder, TableEncoder)
    assert [column.fill for column in filled.encoder.columns] == [5.0, "b"]
    (finding,) = filled.findings
    assert (finding.id, finding.level) == ("missing_cells", "suspect")
    assert finding.evidence["cells_per_column"] == {"x": 2, "w": 2}


def test_without_missing_cells_fills_are_kept_for_new_data_and_nothing_is_reported() -> None:
    filled = impute(examples_of(torch.tensor([[1.0], [2.0], [4.0]]), ArrayEncoder((1,))), torch.arange(3))
    assert filled.findings == ()
    assert filled.encoder == ArrayEncoder((1,), fill=(2.0,))


def test_a_column_with_nothing_to_learn_from_is_named() -> None:
    with pytest.raises(InputError, match="column '1' has no usable cell"):
        impute(examples_of(torch.tensor([[NAN], [NAN], [4.0]]), ArrayEncoder((1,))), torch.arange(2))
