"""Zip files: members that point elsewhere are refused before anything is unpacked."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from assay.data.open import open_data
from assay.errors import InputError


def zip_of(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    return path


def unpacked(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_zip_reads_as_its_folder_and_is_unpacked_once(tmp_path: Path, make_folder) -> None:
    folder = make_folder(tmp_path / "pets", {"a": 10, "b": 10})
    archive = zip_of(tmp_path / "pets.zip", folder)
    data = open_data(archive)
    assert data.name == "pets"
    assert data.fingerprint == open_data(folder).fingerprint
    before = {path: path.stat().st_mtime_ns for path in unpacked(tmp_path)}
    open_data(archive)
    assert {path: path.stat().st_mtime_ns for path in unpacked(tmp_path)} == before


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/tmp/evil.png", "C:/evil.png", "..\\evil.png"])
def test_members_outside_are_refused_and_nothing_is_unpacked(tmp_path: Path, make_folder, name: str) -> None:
    archive = zip_of(tmp_path / "s.zip", make_folder(tmp_path / "s", {"a": 3, "b": 3}))
    with zipfile.ZipFile(archive, "a") as extended:
        extended.writestr(name, b"evil")
    with pytest.raises(InputError, match=r"s\.zip: refused, member .*evil\.png' points outside"):
        open_data(archive)
    assert unpacked(tmp_path) == []
    assert not list(tmp_path.rglob("evil.png"))


def test_links_are_refused(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("a/link.png")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(InputError, match=r"member 'a/link\.png' is a link"):
        open_data(tmp_path / "s.zip")
    assert unpacked(tmp_path) == []


def test_damaged_and_empty_archives_are_named_and_leave_nothing(tmp_path: Path, make_folder) -> None:
    archive = zip_of(tmp_path / "s.zip", make_folder(tmp_path / "s", {"a": 3, "b": 3}))
    raw = bytearray(archive.read_bytes())
    raw[60] ^= 0xFF  # inside the first file's bytes: its checksum no longer holds
    archive.write_bytes(raw)
    with pytest.raises(InputError, match=r"s\.zip: not a readable zip file"):
        open_data(archive)
    assert unpacked(tmp_path) == []
    (tmp_path / "t.zip").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"t\.zip: not a readable zip file"):
        open_data(tmp_path / "t.zip")
    with zipfile.ZipFile(tmp_path / "u.zip", "w") as empty:
        empty.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match=r"u\.zip: holds no images"):
        open_data(tmp_path / "u.zip")


def test_encrypted_members_and_a_full_disk_are_refused(
    tmp_path: Path, make_folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zip_of(tmp_path / "s.zip", make_folder(tmp_path / "s", {"a": 3, "b": 3}))
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10))
        with pytest.raises(InputError, match=r"s\.zip: unpacks to \d+ bytes, .* has 10 left"):
            open_data(archive)
    raw = bytearray(archive.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 8] |= 1  # the first member's encryption flag
    archive.write_bytes(raw)
    with pytest.raises(InputError, match=r"member 'a/000\.png' is encrypted"):
        open_data(archive)
    assert unpacked(tmp_path) == []


def test_what_expands_like_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.data.sources.archive.HARMLESS_BYTES", 1_000_000)
    with zipfile.ZipFile(tmp_path / "s.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in ("a/0.png", "b/0.png"):
            bomb.writestr(name, bytes(2_000_000))
    with pytest.raises(InputError, match=r"refused, its [\d,]+ bytes unpack to 4,000,000, more than 200 times"):
        open_data(tmp_path / "s.zip")
    assert unpacked(tmp_path) == []


def test_small_or_slightly_packed_archives_are_no_bombs(tmp_path: Path, make_folder, monkeypatch) -> None:
    archive = zip_of(tmp_path / "s.zip", make_folder(tmp_path / "s", {"a": 10, "b": 10}))
    monkeypatch.setattr("assay.data.sources.archive.HARMLESS_BYTES", 1)
    assert len(open_data(archive).train) > 0


def test_errors_leave_nothing_unpacked_but_what_was_there(tmp_path: Path, make_folder) -> None:
    folder = make_folder(tmp_path / "s", {"a": 10, "b": 10})
    damaged = folder / "a" / "003.png"
    damaged.write_bytes(damaged.read_bytes()[:45])
    archive = zip_of(tmp_path / "s.zip", folder)
    for _ in range(2):
        with pytest.raises(InputError, match=r"003\.png: "):
            open_data(archive)
        assert unpacked(tmp_path) == []
    open_data(archive, skip_bad=True)
    before = unpacked(tmp_path)
    assert before
    with pytest.raises(InputError, match=r"003\.png: "):
        open_data(archive)
    assert unpacked(tmp_path) == before
