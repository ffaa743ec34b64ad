"""The specification survives JSON, with every encoder."""

from __future__ import annotations

import json

import pytest
import torch

from assay.data.encoders import ArrayEncoder, Encoder, ImageEncoder, TableEncoder
from assay.data.reading.column import Column
from assay.data.specification import Normalization, Specification

ENCODERS: tuple[Encoder, ...] = (
    ImageEncoder(3, 32, 24, resize=True),
    TableEncoder((Column("age", fill=2.5), Column("town", categories=("Ulm", "Zürich"), fill="Ulm"))),
    ArrayEncoder((2,), fill=(1.0, -3.0)),
)


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: type(encoder).__name__)
def test_round_trip_through_json(encoder: Encoder) -> None:
    before = Specification(
        task="classification",
        input_shape=(3, 32, 24),
        normalization=Normalization((1.0, 2.0, 0.1), (1.0, 0.3, 5.0)),
        encoder=encoder,
        classes=("a", "b"),
        class_frequencies=(0.25, 0.75),
        target_mean=0.1,
    )
    assert Specification.from_dict(json.loads(json.dumps(before.to_dict()))) == before


def test_signals_are_all_but_tables_and_images_of_several_rows() -> None:
    normalization, table = Normalization((0.0,), (1.0,)), TableEncoder((Column("age"),))
    shapes = ((9,), (3, 9), (3, 1, 9), (3, 2, 9))
    kinds = [Specification("regression", shape, normalization, ArrayEncoder(shape)) for shape in shapes]
    assert [kind.is_signal for kind in kinds] == [True, True, True, False]
    assert not Specification("regression", (1,), normalization, table).is_signal


def test_normalization_by_hand_for_bytes_and_floats_leaves_its_input_alone() -> None:
    normalization = Normalization((10.0, 0.0), (2.0, 4.0))
    for inputs in (torch.tensor([[12, 8]], dtype=torch.uint8), torch.tensor([[12.0, 8.0]])):
        kept = inputs.clone()
        assert normalization(inputs).tolist() == [[1.0, 2.0]]
        assert torch.equal(inputs, kept)
