"""Figures are data: every kind survives JSON, and pictures decode to the pixels they were made of."""

from __future__ import annotations

import base64
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from assay.figure import (
    KINDS,
    Bars,
    CostedGain,
    Forest,
    Images,
    Interval,
    Lines,
    Matrix,
    Parallel,
    Pareto,
    Passage,
    Series,
    Setting,
    Shares,
    Slices,
    Surface,
    Table,
    Tried,
    encode_png,
    figure_from_dict,
    figure_to_dict,
)

TRIED = Tried(
    "accuracy",
    (0.9, 0.8),
    (Setting("rate", (0.1, 0.01), log=True), Setting("optimizer", ("sgd", None))),
    lower_is_better=True,
)
EXAMPLES = {
    "Lines": Lines(
        "Loss",
        "step",
        "loss",
        (Series("train", (0.0, 1.0), (2.3, 1.9)), Series("empty", (), (), "hollow points")),
        log_y=True,
    ),
    "Bars": Bars("Examples per class", ("cat", "dog"), (10.0, 12.0), y_label="examples"),
    "Forest": Forest("Effects", "accuracy", (Interval("Mixup", 0.4, 0.1, 0.7, "helps"),)),
    "Shares": Shares("Importance", "share of variance", (Interval("rate", 0.4, 0.1, 0.7, "matters"),)),
    "Matrix": Matrix("Confusion", ((5.0, 1.0), (0.0, 6.0)), ("a", "b"), ("a", "b"), "truth", "prediction"),
    "Images": Images("Worst errors", ("aGk=",), ("a, taken for b",)),
    "Pareto": Pareto("Gain", "cost", "gain", (CostedGain("Mixup", 1.1, 0.4, 0.1, 0.7, "helps"),), 1.0),
    "Parallel": Parallel("Trials", TRIED),
    "Slices": Slices("Trials", TRIED),
    "Surface": Surface("Trials", "rate", "optimizer", TRIED),
    "Passage": Passage("LaTeX", "\\begin{table}\n", is_code=True),
    "Table": Table("Baselines", ("name", "value"), (("majority", "0.10"), ("nearest", "0.97"))),
}


def decode(png: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))))


def test_there_is_an_example_of_every_kind():
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_figure_survives_json(name):
    figure = EXAMPLES[name]
    values = json.loads(json.dumps(figure_to_dict(figure)))
    assert values["kind"] == name
    assert figure_from_dict(values) == figure


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_figure_read_back_is_hashable(name):
    # Lists left inside would not be: equality with tuples alone would not show them.
    assert hash(figure_from_dict(json.loads(json.dumps(figure_to_dict(EXAMPLES[name]))))) == hash(EXAMPLES[name])


def test_a_series_written_before_it_had_marks_is_a_line():
    old = {"kind": "Lines", "title": "t", "x_label": "x", "y_label": "y", "series": [{"name": "s", "x": [1], "y": [2]}]}
    figure = figure_from_dict(old)
    assert isinstance(figure, Lines)
    assert figure.series[0].marks == "line"


def test_unknown_marks_are_refused():
    with pytest.raises(ValueError, match="marks must be one of line, faint line, points, hollow points, got 'stars'"):
        # past the type checker of these tests, which would stop it first: users run without one
        Series.__post_init__(SimpleNamespace(marks="stars"))  # pyright: ignore[reportArgumentType]


def test_settings_need_a_value_of_each_trial_and_names_of_their_own():
    with pytest.raises(ValueError, match="one value for each of 2 scores, got 1 of rate; write None where a trial"):
        Tried("loss", (1.0, 2.0), (Setting("rate", (0.1,)),))
    with pytest.raises(ValueError, match="settings must have names of their own, got rate, rate; rename"):
        Tried("loss", (1.0,), (Setting("rate", (0.1,)), Setting("rate", (0.2,))))


def test_a_surface_is_over_settings_that_were_tried():
    with pytest.raises(ValueError, match="x and y must be settings that were tried, got 'decay'; choose of rate, opti"):
        Surface("t", "rate", "decay", TRIED)


def test_unknown_kind_is_refused():
    with pytest.raises(KeyError, match="Pie"):
        figure_from_dict({"kind": "Pie", "title": "no"})


@pytest.mark.parametrize(("channels", "shape"), [(1, (3, 5)), (3, (3, 5, 3)), (4, (3, 5, 4))])
def test_byte_images_keep_their_values(channels, shape):
    image = torch.arange(channels * 15, dtype=torch.uint8).reshape(channels, 3, 5)
    pixels = decode(encode_png(image))
    assert pixels.shape == shape
    expected = image[0] if channels == 1 else image.permute(1, 2, 0)
    assert np.array_equal(pixels, expected.numpy())


def test_float_images_are_stretched_to_their_own_range():
    image = torch.tensor([[[-1.0, 0.0], [0.5, 3.0]]])
    # (value + 1) / 4 * 255, rounded to even at the half
    assert decode(encode_png(image)).tolist() == [[0, 64], [96, 255]]


def test_a_constant_image_is_black_instead_of_a_division_by_zero():
    assert decode(encode_png(torch.full((1, 2, 2), 7.0))).tolist() == [[0, 0], [0, 0]]


def test_only_the_first_of_two_channels_is_drawn():
    image = torch.stack([torch.full((2, 2), 9, dtype=torch.uint8), torch.full((2, 2), 200, dtype=torch.uint8)])
    assert decode(encode_png(image)).tolist() == [[9, 9], [9, 9]]
