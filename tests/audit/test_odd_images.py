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
