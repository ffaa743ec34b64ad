"""From files on disk to findings: silent on clean folders, and each planted fault by name."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.audit.audit import Audit
from assay.audit.inspect import inspect
from assay.data.open import open_data

ABOUT_FILES = {
    "wrong_extensions", "cut_files", "mixed_modes", "turned_images", "animated_files", "deep_images",
    "transparent_images", "size_outliers", "aspect_outliers", "scaled_images", "file_cues", "same_bytes",
    "unreadable_files", "several_sizes",
}  # fmt: skip


def about_files(audit: Audit) -> set[str]:
    return {finding.id for finding in audit.findings} & ABOUT_FILES


def test_nothing_is_said_of_files_that_are_alike(pets: Path, look) -> None:
    audit = look(pets)
    assert about_files(audit) == set()
    assert audit.ok


def test_the_table_has_what_headers_say(pets: Path, draw, look) -> None:
    draw().save(pets / "cat" / "lone.png")
    table = look(pets).table
    (row,) = table.filter(pl.col("id") == "cat/lone.png").to_dicts()
    assert (row["format"], row["mode"], row["height"], row["width"], row["orientation"]) == ("PNG", "RGB", 24, 20, 1)
    assert row["file_bytes"] == (pets / "cat" / "lone.png").stat().st_size
    assert row["same_bytes_group"] is None
    assert len(look(pets).where("format = 'JPEG' and file_bytes > 100 and height = 24")) == 80


def test_arrays_have_no_files(images) -> None:
    audit = inspect(images)
    assert "format" not in audit.table.columns
    assert about_files(audit) == set()


def spoil_name(root: Path, draw) -> None:
    draw().save(root / "cat" / "a.jpg", format="PNG")


def spoil_end(root: Path, draw) -> None:
    draw().save(root / "cat" / "a.gif", save_all=True, append_images=[draw(), draw()])
    (root / "cat" / "a.gif").write_bytes((root / "cat" / "a.gif").read_bytes()[:-300])


def turn(root: Path, draw) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    draw(20, 24).save(root / "cat" / "a.jpg", exif=exif)


def animate(root: Path, draw) -> None:
    draw().save(root / "cat" / "a.webp", save_all=True, append_images=[draw(), draw()])


def make_clear(root: Path, draw) -> None:
    draw().convert("RGBA").save(root / "cat" / "a.png")


def make_grey(root: Path, draw) -> None:
    draw().convert("L").save(root / "cat" / "a.jpg")


def cut_short(root: Path, draw) -> None:
    draw().save(root / "cat" / "a.jpg")
    (root / "cat" / "a.jpg").write_bytes((root / "cat" / "a.jpg").read_bytes()[:700])


def empty(root: Path, draw) -> None:
    (root / "cat" / "a.jpg").write_bytes(b"")


SPOILED = [
    (spoil_name, {"wrong_extensions"}, "suspect", r"1 of 81 files are not what their names say: 1 \.jpg that is PNG"),
    (
        spoil_end,
        {"cut_files", "animated_files", "mixed_modes"},
        "suspect",
        "1 of 81 files end before their format says",
    ),
    (turn, {"turned_images"}, "note", "1 of 81 files carry an EXIF orientation and were turned upright, such as cat/a"),
    (animate, {"animated_files"}, "note", "1 of 81 files hold several frames or pages, of which the first was read"),
    (make_clear, {"transparent_images", "mixed_modes"}, "note", "1 of 81 files may be transparent, and were laid on"),
    (make_grey, {"mixed_modes"}, "note", "The 81 files are of 2 modes: colour 80, grey 1; the 1 grey ones were made"),
    (cut_short, {"unreadable_files"}, "proved", r"1 unreadable files were left out \(1 cut short\), such as"),
    (
        empty,
        {"unreadable_files"},
        "proved",
        r"1 unreadable files were left out \(1 empty\), such as .*an empty file \(0",
    ),
]


@pytest.mark.parametrize(("spoil", "names", "level", "words"), SPOILED, ids=[row[0].__name__ for row in SPOILED])
@pytest.mark.parametrize("zipped", [False, True])
def test_each_fault_is_told_alone(
    pets: Path, draw, look, told, spoil: Callable[..., None], names: set[str], level: str, words: str, zipped: bool
) -> None:
    spoil(pets, draw)
    source = pets
    if zipped:
        source = pets.with_suffix(".zip")
        with zipfile.ZipFile(source, "w") as archive:
            for path in sorted(pets.rglob("*.*")):
                archive.write(path, path.relative_to(pets))
    audit = look(source)
    assert about_files(audit) == names
    finding = told(audit, next(iter(names - {"mixed_modes", "animated_files"}), min(names)))
    assert finding.level == level
    assert re.search(words, finding.summary), finding.summary
    assert "cat/a." in json.dumps(finding.to_dict())


@pytest.mark.parametrize(("top", "level"), [(4095, "suspect"), (65535, "note")])
def test_twelve_bits_in_sixteen_are_nearly_black(pets: Path, look, told, top: int, level: str) -> None:
    drawn = np.random.default_rng(1)
    for number in range(3):
        pixels = drawn.integers(0, top + 1, (24, 20)).astype(np.uint16)
        Image.fromarray(pixels).save(pets / "dog" / f"deep{number}.png")
    finding = told(look(pets), "deep_images")
    assert (finding.level, finding.evidence["count"]) == (level, 3)
    assert finding.evidence["brightest"] == top >> 8
    assert ("their brightest pixels are then 15 of 255" in finding.summary) == (level == "suspect")


def test_copies_and_what_was_saved_anew_are_told_apart(pets: Path, look, told) -> None:
    shutil.copy(pets / "cat" / "00.jpg", pets / "cat" / "copy.jpg")
    Image.open(pets / "cat" / "01.jpg").save(pets / "cat" / "anew.png")
    audit = look(pets)
    finding = told(audit, "same_bytes")
    assert (finding.evidence["equal_pixels"], finding.evidence["equal_bytes"]) == (4, 2)
    assert sorted(finding.evidence["ids"]) == ["cat/01.jpg", "cat/anew.png"]
    assert "2 have an equal byte for byte; 2 were saved anew" in finding.summary
    same = audit.table.filter(pl.col("same_bytes_group").is_not_null())
    assert sorted(same["id"].to_list()) == ["cat/00.jpg", "cat/copy.jpg"]
    assert same["same_bytes_group"].n_unique() == 1


def test_files_that_are_gone_since_do_not_stop_an_inspection(pets: Path, told) -> None:
    shutil.copy(pets / "cat" / "00.jpg", pets / "cat" / "copy.jpg")
    data = open_data(pets)
    (pets / "cat" / "copy.jpg").unlink()
    assert told(inspect(data), "same_bytes").evidence["equal_bytes"] == 0


def test_no_readable_example_of_a_class_is_an_error(pets: Path, look) -> None:
    for path in (pets / "dog").glob("*.jpg"):
        path.write_bytes(b"")
    with pytest.raises(ValueError, match="class 'dog' has no readable example; add some or remove the class"):
        look(pets)
