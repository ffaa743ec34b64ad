"""Signals are told and drawn as signals, a line a channel, wherever an example is shown."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import torch
from page_support import client_of, make_pictures, make_workspace
from run_support import await_rivals

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.ui.summary import describe
from assay.ui.thumbnails import DEAD, draw_example


def make_signals(n: int = 24, channels: int = 2, length: int = 128) -> Data:
    inputs = torch.randn(n, channels, 1, length, generator=torch.Generator().manual_seed(0))
    inputs[3, -1] = 0.0
    shape = (channels, 1, length)
    specification = Specification(
        "classification", shape, Normalization((0.0,) * channels, (1.0,) * channels), ArrayEncoder(shape), ("a", "b")
    )
    parts = (slice(0, n // 2), slice(n // 2, 3 * n // 4), slice(3 * n // 4, n))
    ids, targets = tuple(f"s{i}" for i in range(n)), torch.arange(n) % 2
    train, validation, test = (Split(inputs[part], targets[part], ids[part]) for part in parts)
    return Data("signals", specification, train, validation, test)


def test_an_array_one_value_high_is_told_as_signals() -> None:
    assert describe(make_signals())[2] == "signals of 128 values, 2 channels"
    assert describe(make_signals(channels=1))[2] == "signals of 128 values"
    assert describe(make_signals(length=8))[2] == "images of 8 × 1 pixels, 2 channels", "too short for signals"
    assert describe(make_pictures())[2] == "images of 8 × 8 pixels, grey"


def test_each_channel_of_a_signal_is_a_line_and_a_dead_one_another(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path, make_signals()))
    healthy, faulty = client.get("/picture/2?size=160"), client.get("/picture/3?size=160")
    assert healthy.headers["content-type"] == "image/svg+xml"
    assert healthy.text.count("<polyline") == 2
    assert DEAD not in healthy.text
    assert faulty.text.count(DEAD) == 1
    assert 'class="pixels"' not in client.get("/browse/example/3").text


def test_many_channels_share_the_height() -> None:
    data = make_signals(channels=6)
    drawn = draw_example(data.train.gather(torch.tensor([0]))[0], data.specification, 160).content.decode()
    heights = [
        [float(point.split(",")[1]) for point in line.split('"')[1].split()] for line in drawn.split("<poly")[1:]
    ]
    assert len(heights) == 6
    assert all(max(one) < min(following) for one, following in pairwise(heights))


def test_the_questions_of_a_person_show_signals_too(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path, make_signals()))
    client.post("/human/begin", data={"name": "anna", "questions": "3", "split": "validation"})
    assert client.get("/human/picture/0").headers["content-type"] == "image/svg+xml"
    assert 'class="pixels"' not in client.get("/human/quiz").text
    await_rivals()
