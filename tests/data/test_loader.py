"""Order and raw batches: a function of seed and epoch, whatever the number of workers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assay.data.encoders import ImageEncoder
from assay.data.loader import order_for_epoch, raw_batches
from assay.data.split import Split
from assay.data.stream import ImageFiles
from assay.errors import InputError


@pytest.fixture
def files(tmp_path: Path, make_image) -> Split:
    names = tuple(make_image(tmp_path / f"{index}.png", 10 * index).name for index in range(12))
    inputs = ImageFiles(str(tmp_path), names, ImageEncoder(1, 6, 4))
    return Split(inputs, torch.zeros(12, dtype=torch.int64), names)


def test_order_is_a_permutation_of_seed_and_epoch() -> None:
    order = order_for_epoch(50, seed=1, epoch=2)
    assert sorted(order.tolist()) == list(range(50))
    assert torch.equal(order, order_for_epoch(50, seed=1, epoch=2))
    assert not torch.equal(order, order_for_epoch(50, seed=1, epoch=3))
    assert not torch.equal(order, order_for_epoch(50, seed=2, epoch=2))


def test_memory_gathers_the_rows_asked_for() -> None:
    inputs = torch.arange(20.0).view(10, 2)
    split = Split(inputs, torch.zeros(10), tuple(map(str, range(10))))
    batches = list(raw_batches(split, iter([torch.tensor([3, 1]), torch.tensor([9])])))
    assert [batch.tolist() for batch in batches] == [[[6.0, 7.0], [2.0, 3.0]], [[18.0, 19.0]]]


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_any_number_of_workers_gives_the_same_batches(files: Split, workers: int) -> None:
    chunks = order_for_epoch(12, seed=0, epoch=0).split(5)
    batches = list(raw_batches(files, chunks, workers=workers))
    assert [len(batch) for batch in batches] == [5, 5, 2]
    expected = [[10 * index for index in chunk.tolist()] for chunk in chunks]
    assert [batch[:, 0, 0, 0].tolist() for batch in batches] == expected
    assert batches[0].dtype == torch.uint8


@pytest.mark.parametrize("workers", [0, 2])
def test_a_bad_image_reaches_the_user_in_one_line(files: Split, tmp_path: Path, workers: int) -> None:
    (tmp_path / "7.png").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"7\.png: not an image") as caught:
        list(raw_batches(files, torch.arange(12).split(4), workers=workers))
    assert "\n" not in str(caught.value)
