"""Parts that are no tricks are found where tricks are looked for."""

from __future__ import annotations

import json

import pytest
from cli_support import Assay

from assay.cli.parts import PARTS
from assay.tricks.card import card
from assay.tricks.catalog import TRICKS
from assay.tricks.spelling import condense


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("giou", "assay.boxes.giou_loss"), ("DIoU", "assay.boxes.diou_loss"), ("ciou", "assay.boxes.ciou_loss"),
        ("fpn", "assay.models.feature_pyramid.FeaturePyramid"), ("pan", "assay.models.feature_pyramid.PathAggregation"),
        ("stacked pools", "assay.models.pyramid_pooling.StackedPools"),
        ("lr finder", "assay.tuning.range_test.find_range"),
    ],
)  # fmt: skip
def test_a_search_points_to_the_part(assay: Assay, word: str, place: str) -> None:
    told = assay("tricks", word)
    assert (told.code, told.err) == (0, "")
    (line,) = [line for line in told.out.splitlines() if line.startswith(f"  {place} ")]
    assert len(line.split()) > 3
    assert "Parts for your own networks and loops" in told.out


def test_json_lists_tricks_alone(assay: Assay) -> None:
    told = assay("tricks", "spp", "--json")
    assert [card["name"] for card in json.loads(told.out)] == ["spatial-pyramid-pooling"]
    assert "assay.models.pyramid_pooling.StackedPools" in told.err


def test_one_part(assay: Assay) -> None:
    told = assay("tricks", "show", "giou")
    assert told.code == 0
    assert all(text in told.out for text in ("giou = iou - (enclosing - union) / enclosing", "giou_loss(boxes: ",
                                             "Import: from assay.boxes import giou_loss\n"))  # fmt: skip
    assert json.loads(assay("tricks", "show", "giou", "--json").out)["import"] == "assay.boxes.giou_loss"
    assert json.loads(assay("tricks", "show", "spp", "--json").out)["name"] == "spatial-pyramid-pooling"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.place)
def test_every_part_is_there_and_says_what_it_does(part) -> None:
    assert callable(part.thing)
    assert part.summary.endswith((".", ":"))
    tricks = {condense(name) for kind in TRICKS for name in card(kind).names}
    assert condense(part.names[0]) not in tricks
