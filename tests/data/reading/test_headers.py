"""What a header tells, and whether a file ends as its format says."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.data.open import open_data
from assay.data.reading.headers import Header, read_header
from assay.data.reading.images import decode_image
from assay.errors import InputError


@pytest.fixture
def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [("png", "PNG"), ("jpg", "JPEG"), ("bmp", "BMP"), ("gif", "GIF"), ("webp", "WEBP"), ("tif", "TIFF")],
)
def test_a_whole_file_of_every_format_is_told_as_it_is(tmp_path: Path, noise, suffix: str, kind: str) -> None:
    path = tmp_path / f"a.{suffix}"
    noise.save(path)
    header = read_header(path)
    assert (header.height, header.width, header.channels, header.format) == (40, 30, 3, kind)
    assert (header.bits, header.orientation, header.is_animated, header.is_whole) == (8, 1, False, True)
    assert header.file_bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("mode", "bits", "channels"), [("1", 1, 1), ("L", 8, 1), ("P", 8, 3), ("RGB", 8, 3), ("RGBA", 8, 3)]
)
def test_modes_and_transparency(tmp_path: Path, noise, mode: str, bits: int, channels: int) -> None:
    noise.convert(mode).save(tmp_path / "a.png")
    header = read_header(tmp_path / "a.png")
    assert (header.mode, header.bits, header.channels, header.has_alpha) == (mode, bits, channels, mode == "RGBA")


def test_deep_pixels_are_told_though_they_are_read_as_bytes(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 60_000, dtype=np.uint16)).save(tmp_path / "grey.png")
    assert read_header(tmp_path / "grey.png").bits == 16
    Image.fromarray(np.full((4, 4), 60_000, dtype=np.uint16)).save(tmp_path / "grey.tif")
    assert read_header(tmp_path / "grey.tif").bits == 16


def test_sideways_files_have_their_upright_size(tmp_path: Path, noise) -> None:
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        noise.save(tmp_path / "a.jpg", exif=exif)
        header = read_header(tmp_path / "a.jpg")
        assert header.orientation == orientation
        assert (header.height, header.width) == ((30, 40) if orientation > 4 else (40, 30))


def test_an_orientation_that_is_none_is_upright(tmp_path: Path, noise) -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    noise.save(tmp_path / "a.jpg", exif=exif)
    assert read_header(tmp_path / "a.jpg") == Header(
        40, 30, 3, "JPEG", "RGB", file_bytes=(tmp_path / "a.jpg").stat().st_size
    )


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_animations_are_told(tmp_path: Path, noise, suffix: str) -> None:
    noise.save(tmp_path / f"a.{suffix}", save_all=True, append_images=[noise.rotate(90), noise.rotate(180)])
    header = read_header(tmp_path / f"a.{suffix}")
    assert header.is_animated
    assert header.is_whole


@pytest.mark.parametrize(("suffix", "cut"), [("png", 12), ("gif", 1), ("gif", 400)])
def test_a_file_that_can_be_decoded_without_its_end_is_not_whole(tmp_path: Path, noise, suffix: str, cut: int) -> None:
    path = tmp_path / f"a.{suffix}"
    noise.save(path, **({"save_all": True, "append_images": [noise.rotate(90)]} if suffix == "gif" else {}))
    path.write_bytes(path.read_bytes()[:-cut])
    assert not read_header(path).is_whole


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_an_end_lost_to_zeros_is_no_end(tmp_path: Path, noise, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    noise.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    assert not read_header(path).is_whole


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_what_a_camera_appends_is_no_cut(tmp_path: Path, noise, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    noise.save(path)
    path.write_bytes(path.read_bytes() + b"a film of two seconds" * 10)
    assert read_header(path).is_whole


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_the_end_of_a_preview_is_not_that_of_the_picture(tmp_path: Path, noise) -> None:
    preview = tmp_path / "preview.jpg"
    noise.resize((8, 8)).save(preview)
    path = tmp_path / "a.jpg"
    noise.save(path, exif=b"Exif\0\0II*\0" + preview.read_bytes())
    assert b"\xff\xd9" in path.read_bytes()[:2000]
    assert read_header(path).is_whole
    path.write_bytes(path.read_bytes()[:-2] + bytes(20))
    assert not read_header(path).is_whole


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_metadata_leaves_the_picture(tmp_path: Path, noise) -> None:
    for damaged in (b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff"):
        noise.save(tmp_path / "a.jpg", exif=damaged)
        assert read_header(tmp_path / "a.jpg").orientation == 1
        assert decode_image(tmp_path / "a.jpg").shape == (3, 40, 30)


def test_an_empty_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"a\.png: an empty file \(0 bytes\); replace or remove the file"):
        read_header(tmp_path / "a.png")


def test_headers_stay_with_the_data_and_change_no_fingerprint(tmp_path: Path, make_folder) -> None:
    data = open_data(make_folder(tmp_path / "pets", {"a": 10, "b": 10}))
    assert data.headers is not None
    assert data.headers.root == str(tmp_path / "pets")
    assert set(data.headers.by_id) == {*data.train.ids, *data.validation.ids, *data.test.ids}
    again = pickle.loads(pickle.dumps(data))
    assert again.headers.by_id == data.headers.by_id
    assert again.fingerprint == data.fingerprint
