"""JPEG files that were cut and closed again: their lower part is plain grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.audit.files.grey_ends import missing_share


def test_the_share_by_hand() -> None:
    images = torch.full((5, 3, 16, 4), 7, dtype=torch.uint8)
    images[1, :, 12:] = 128
    images[2, :2, 12:] = 128  # one channel is not grey
    images[3] = 128  # wholly grey: blank, not cut
    images[4, :, 2:15] = 128  # not at the end
    assert missing_share(images).tolist() == [0.0, 0.25, 0.0, 0.0, 0.0]


def test_the_last_block_alone_is_enough() -> None:
    images = torch.full((2, 1, 160, 96), 7, dtype=torch.uint8)
    images[0, :, -6:, -6:] = 128
    images[1, :, -5:, -6:] = 128
    assert missing_share(images).tolist() == pytest.approx([36 / 160 / 96, 0.0])


def cut(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)] + b"\xff\xd9")


@pytest.mark.parametrize("size", [None, (32, 32)])
def test_what_was_cut_and_closed_again_is_found(pets: Path, look, told, size) -> None:
    for name in ("dog/07.jpg", "cat/11.jpg"):
        noise = np.random.default_rng(7).integers(0, 256, (96, 80, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((20, 24) if size is None else (80, 96)).save(pets / name, quality=95)
    cut(pets / "dog" / "07.jpg", 0.7)
    cut(pets / "cat" / "11.jpg", 0.9 if size else 0.6)
    audit = look(pets, **({"size": size} if size else {}))
    finding = told(audit, "grey_ends")
    assert finding.level == "suspect"
    assert set(finding.evidence["ids"]) >= {"dog/07.jpg"}
    assert set(finding.evidence["ids"]) <= {"dog/07.jpg", "cat/11.jpg"}
    assert finding.figures[0].captions[0].endswith(finding.evidence["ids"][0])


def test_grey_pictures_of_other_formats_and_grey_backgrounds_are_left_alone(pets: Path, draw, look) -> None:
    pixels = np.asarray(draw(24, 20)).copy()
    pixels[16:] = 128
    Image.fromarray(pixels).save(pets / "cat" / "flat.png")
    pixels[:8] = 128
    Image.fromarray(pixels).save(pets / "cat" / "framed.jpg", quality=100, subsampling=0)
    assert "grey_ends" not in {finding.id for finding in look(pets).findings}
