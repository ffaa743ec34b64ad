"""Decoding: every mode, turned upright, and refusals that name the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from assay.data.reading.headers import read_header
from assay.data.reading.images import decode_image
from assay.errors import InputError


def test_grey_stays_one_channel_and_keeps_its_values(tmp_path: Path) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").tolist() == [pixels.tolist()]


def test_colours_are_channels_first(tmp_path: Path) -> None:
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, 1] = (10, 20, 30)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = decode_image(tmp_path / "a.png")
    assert image.shape == (3, 2, 3)
    assert image[:, 0, 1].tolist() == [10, 20, 30]


def test_grey_becomes_colour_on_request(tmp_path: Path) -> None:
    Image.fromarray(np.full((2, 2), 7, dtype=np.uint8)).save(tmp_path / "a.png")
    assert torch.equal(decode_image(tmp_path / "a.png", channels=3), torch.full((3, 2, 2), 7, dtype=torch.uint8))


def test_sixteen_bits_keep_their_high_byte(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 256, 65535]], dtype=np.uint16)).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").tolist() == [[[0, 1, 255]]]
    assert read_header(tmp_path / "a.png").channels == 1


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    pixels = np.array([[[0, 0, 0, 0], [10, 20, 30, 255]]], dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png")[:, 0].T.tolist() == [[255, 255, 255], [10, 20, 30]]


def test_grey_with_transparency_stays_grey(tmp_path: Path) -> None:
    Image.merge("LA", [Image.new("L", (1, 1), 9), Image.new("L", (1, 1), 255)]).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").tolist() == [[[9]]]


def test_palette_is_resolved(tmp_path: Path) -> None:
    image = Image.new("P", (1, 1), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").flatten().tolist() == [200, 100, 50]


def test_bilevel_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert decode_image(tmp_path / "a.png").tolist() == [[[255, 0]]]


def test_exif_orientation_turns_the_image_upright(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[1, 2, 3]], dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    image.save(tmp_path / "a.png", exif=exif)
    assert decode_image(tmp_path / "a.png").tolist() == [[[1], [2], [3]]]
    header = read_header(tmp_path / "a.png")
    assert (header.height, header.width) == (3, 1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp", "tif"])
def test_every_format_is_read(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(np.full((4, 6), 128, dtype=np.uint8)).save(tmp_path / f"a.{suffix}")
    image = decode_image(tmp_path / f"a.{suffix}", channels=1)
    assert image.shape == (1, 4, 6)
    assert (image.int() - 128).abs().max() <= 2  # JPEG and WebP are lossy


def test_resize_scales_and_without_it_another_size_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 6), 128, dtype=np.uint8)).save(tmp_path / "a.png")
    assert torch.equal(
        decode_image(tmp_path / "a.png", size=(2, 3), resize=True), torch.full((1, 2, 3), 128, dtype=torch.uint8)
    )
    with pytest.raises(InputError, match=r"a\.png: this image is 4x6 \(height x width\), wanted 2x3"):
        decode_image(tmp_path / "a.png", size=(2, 3))


def test_truncated_file_is_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for suffix in ("png", "jpg"):
        path = tmp_path / f"cut.{suffix}"
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[:1500])
        with pytest.raises(InputError, match=rf"cut\.{suffix}: unreadable or truncated image"):
            decode_image(path)


def test_no_image_and_no_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(InputError, match=r"a\.png: not an image that can be read"):
        decode_image(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"b\.png: no such file"):
        decode_image(tmp_path / "b.png")


def test_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((2, 2), dtype=np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match="no fixed range"):
        decode_image(tmp_path / "a.tif")


def test_decompression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(bomb)
    with pytest.raises(InputError, match=r"a\.png: 900,000,000 pixels are too many to decode; the limit is 89,000,000"):
        read_header(tmp_path / "a.png")


def test_pixels_deeper_than_sixteen_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 70_000]], dtype=np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif: pixels must be 8 or 16 bits, got values in 0\.\.70000"):
        decode_image(tmp_path / "a.tif")
