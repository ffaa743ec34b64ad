"""Any Dataset: images or vectors, classes or quantities, in memory or on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset, IterableDataset, TensorDataset

from assay.data.encoders import ArrayEncoder, ImageEncoder
from assay.data.open import open_data
from assay.data.sources.torch_dataset import DatasetInputs, item_at
from assay.errors import InputError


class Items(Dataset[Any]):
    """A list of items with whatever attributes."""

    def __init__(self, items: list[Any], **attributes: Any) -> None:
        self.items = items
        self.__dict__.update(attributes)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


def test_tensor_dataset_of_vectors() -> None:
    inputs, targets = torch.arange(80.0).view(40, 2), torch.arange(40) % 2
    data = open_data(TensorDataset(inputs, targets))
    assert data.specification.encoder == ArrayEncoder((2,))
    number = int(data.train.ids[4].split()[1])
    assert torch.equal(data.train.gather(torch.tensor([4]))[0], inputs[number])
    assert int(data.train.targets[4]) == number % 2


def test_pil_images_become_bytes_and_classes_come_from_the_data_set() -> None:
    items = [(Image.fromarray(np.full((3, 2, 3), index, dtype=np.uint8)), index % 2) for index in range(20)]
    data = open_data(Items(items, classes=["ship", "car"]))
    assert data.specification.encoder == ImageEncoder(3, 3, 2)
    assert data.specification.classes == ("ship", "car")
    assert int(data.test.gather(torch.tensor([0]))[0, 0, 0, 0]) == int(data.test.ids[0].split()[1])


def test_fractions_are_regression() -> None:
    data = open_data(Items([(np.array([index]), index / 4) for index in range(40)]))
    assert data.specification.task == "regression"


def test_what_exceeds_memory_is_read_on_demand_with_the_same_split() -> None:
    dataset = TensorDataset(torch.arange(80.0).view(40, 2), torch.arange(40) % 2)
    held, lazy = open_data(dataset), open_data(dataset, memory_limit_bytes=10)
    assert isinstance(lazy.train.inputs, DatasetInputs)
    assert lazy.train.ids == held.train.ids
    assert torch.equal(lazy.train.gather(torch.arange(10)), held.train.gather(torch.arange(10)))


def test_groups_are_an_attribute() -> None:
    dataset = Items([(torch.zeros(1), index % 2) for index in range(40)], who=[index // 4 for index in range(40)])
    data = open_data(dataset, group="who")
    homes = [{int(name.split()[1]) // 4 for name in split.ids} for split in (data.train, data.validation, data.test)]
    assert sum(len(home) for home in homes) == 10
    with pytest.raises(InputError, match="group 'whom' must be an attribute of Items with 40 names"):
        open_data(dataset, group="whom")


class Random(Items):
    def __getitem__(self, index: int) -> Any:
        self.draws = getattr(self, "draws", 0) + 1
        return torch.full((2,), float(self.draws)), index % 2


def test_a_data_set_that_augments_is_suspect() -> None:
    findings = open_data(Random([None] * 20)).findings
    assert [finding.level for finding in findings if finding.id == "dataset_is_random"] == ["suspect"]


class Endless(IterableDataset[Any]):
    def __iter__(self) -> Any:
        yield torch.zeros(1), 0


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Endless(), "Endless has no length"),
        (Items([]), "Items is empty"),
        (Items([torch.zeros(1)]), r"item 0 of Items must be a pair"),
        (Items([("text", 0)]), "item 0: the input must be a tensor, array or image"),
        (Items([(torch.zeros(2), 0), (torch.zeros(3), 1)]), r"item 1 of Items has shape \(3,\), the first has \(2,\)"),
        (Items([(torch.zeros(2), 0), (torch.zeros(2), "a")]), "all numbers or all strings, got int, str"),
        (Items([(torch.tensor([float("nan")]), 0)]), "item 0: 1 values of the input are missing or infinite"),
        (Items([(torch.zeros(1), float("nan"))]), "item 0: the target is nan"),
        (Items([(torch.zeros(1), 0)] * 4), "one class only"),
    ],
)
def test_bad_data_sets_are_refused(dataset: Dataset[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_data(dataset)


@pytest.mark.parametrize("option", ["skip_bad", "impute"])
def test_options_that_mean_nothing_to_a_data_set_are_refused(option: str) -> None:
    items = Items([(torch.full((2,), float(index)), index % 2) for index in range(20)])
    with pytest.raises(InputError, match=f"a torch Dataset has no use for --{option.replace('_', '-')}; leave it out"):
        open_data(items, **{option: True})


@pytest.mark.parametrize(
    ("image", "values"),
    [
        (Image.fromarray(np.array([[256, 65535]], dtype=np.uint16)), [[[1, 255]]]),
        (Image.merge("LA", [Image.new("L", (1, 1), 9), Image.new("L", (1, 1), 0)]), [[[255]]]),
        (Image.new("RGBA", (1, 1), (9, 9, 9, 0)), [[[255]], [[255]], [[255]]]),
    ],
)
def test_images_of_other_modes_are_read_as_files_are(image: Image.Image, values: list) -> None:
    value, target = item_at(Items([(image, 1)]), 0, None)
    assert (value.tolist(), target) == (values, 1)
