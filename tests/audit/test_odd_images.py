"""Pictures unlike the others, planted one at a time; of one kind none is odd."""

import re

import pytest
import torch
from torch import Tensor

from assay.audit.audit import Audit
from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.finding import Finding


@pytest.fixture
def images(make_data) -> Data:
    """Noise of one exposure and focus, as bytes."""
    generator = torch.Generator().manual_seed(3)
    inputs = (128 + 30 * torch.randn(200, 3, 8, 8, generator=generator)).clamp(0, 255).to(torch.uint8)
    return make_data(inputs, torch.arange(200) % 4)


def held(data: Data) -> Tensor:
    assert isinstance(data.train.inputs, Tensor)
    return data.train.inputs


def told(audit: Audit, name: str) -> Finding:
    (finding,) = (finding for finding in audit.findings if finding.id == name)
    return finding


def names(audit: Audit) -> set[str]:
    return {finding.id for finding in audit.findings if finding.id.endswith("_images")}


def test_images_of_one_kind_have_none_that_is_odd(images: Data) -> None:
    assert names(inspect(images)) == set()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("dark_images", lambda image: image // 8),
        ("bright_images", lambda image: 255 - image // 8),
        ("flat_images", lambda image: 128 + image // 64),
        ("blurred_images", lambda image: image.float().mean((1, 2), keepdim=True).expand(3, 8, 8)
         + 40 * torch.linspace(-1, 1, 8)),
    ],
)  # fmt: skip
def test_an_odd_image_is_told_and_shown_first(images: Data, name: str, change) -> None:
    held(images)[11] = change(held(images)[11]).to(torch.uint8)
    finding = told(inspect(images), name)
    assert (finding.level, finding.evidence["ids"][0]) == ("note", "train-11")
    assert finding.figures[0].captions[0] == "class 3\ntrain-11"
    assert f"{finding.evidence['count']} of 200 images are much" in finding.summary


def test_one_odd_image_has_one_value(make_data) -> None:
    generator = torch.Generator().manual_seed(12)
    inputs = (128 + 30 * torch.randn(200, 3, 8, 8, generator=generator)).clamp(0, 255).to(torch.uint8)
    inputs[11] = inputs[11] // 8
    finding = told(inspect(make_data(inputs, torch.arange(200) % 4)), "dark_images")
    assert finding.evidence["count"] == 1
    assert re.search(r": brightness [\d.]+, of half of all [\d.]+ to [\d.]+\.$", finding.summary)


def test_among_photographs_of_all_exposures_black_and_white_ones_are_found(make_data) -> None:
    generator = torch.Generator().manual_seed(8)
    exposure = 60 + 130 * torch.rand(600, 1, 1, 1, generator=generator)
    inputs = (exposure + 30 * torch.randn(600, 3, 8, 8, generator=generator)).clamp(0, 255)
    inputs[4] = 3 * torch.rand(3, 8, 8, generator=generator)
    inputs[9] = 252 + 3 * torch.rand(3, 8, 8, generator=generator)
    audit = inspect(make_data(inputs.to(torch.uint8), torch.arange(600) % 4, sizes=(400, 100, 100)))
    assert told(audit, "dark_images").evidence["ids"] == ["train-4"]
    assert told(audit, "bright_images").evidence["ids"] == ["train-9"]


def test_trifles_among_images_that_are_all_alike_are_not_told(make_data) -> None:
    generator = torch.Generator().manual_seed(9)
    values = (128 + 40 * torch.randn(192, generator=generator)).clamp(0, 255).to(torch.uint8)
    inputs = torch.stack([values[torch.randperm(192, generator=generator)] for _ in range(200)]).view(200, 3, 8, 8)
    inputs[:5, 0, 0, 0] = 0
    audit = inspect(make_data(inputs, torch.arange(200) % 4))
    assert names(audit) <= {"blurred_images"}


def test_images_that_are_no_numbers_are_told_of_elsewhere(images: Data, make_data) -> None:
    inputs = torch.cat([split.inputs for split in (images.train, images.validation, images.test)]).float()
    inputs[6] = torch.nan
    audit = inspect(make_data(inputs, torch.arange(200) % 4))
    assert names(audit) == set()
    assert "inputs_finite" in {finding.id for finding in audit.alerts}


def test_blank_images_are_told_of_elsewhere(images: Data) -> None:
    held(images)[[5, 9]] = torch.tensor([0, 255], dtype=torch.uint8)[:, None, None, None]
    audit = inspect(images)
    assert told(audit, "blank_images").evidence["ids"] == ["train-5", "train-9"]
    assert names(audit) == {"blank_images"}


def test_a_dead_channel_is_no_blur(images: Data) -> None:
    for split in (images.train, images.validation, images.test):
        assert isinstance(split.inputs, Tensor)
        split.inputs[:, 1] = 0
    assert names(inspect(images)) == set()
