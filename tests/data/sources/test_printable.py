"""Names that are not text: written out once, read again, and told."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.cleaning.corrected_view import write_corrected
from assay.audit.decisions import DecisionLog, decide
from assay.audit.inspect import inspect
from assay.data.open import open_data
from assay.data.sources.printable import is_decoded, path_of, printable
from assay.errors import InputError

ODD = os.fsdecode(b"nonutf\xff\xfe.png")
WRITTEN = r"cat/nonutf\xff\xfe.png"
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from([chr(0xDC80), chr(0xDCFF), "\\", "x", "f"])


@pytest.fixture
def pets(tmp_path: Path, make_folder) -> Path:
    root = make_folder(tmp_path / "pets", {"cat": 12, "dog": 12})
    (root / "cat" / "000.png").rename(root / "cat" / ODD)
    return root


@given(st.text(CHARACTERS))
def test_a_path_comes_back_and_its_text_can_be_stored(path: str) -> None:
    printable(path).encode("utf-8")
    assert path_of(printable(path)) == path


def test_names_of_text_stay_as_they_are_and_others_are_written_out() -> None:
    assert printable("cat/ünï 1.png") == "cat/ünï 1.png"
    assert printable("cat/a\\b\x1b.png") == r"cat/a\\b\x1b.png"
    assert printable(f"cat/{ODD}") == WRITTEN
    assert not is_decoded(ODD)


def test_a_name_that_is_not_utf8_is_read_inspected_and_told(pets: Path) -> None:
    data = open_data(pets)
    ids = [id for split in (data.train, data.validation, data.test) for id in split.ids]
    assert WRITTEN in ids
    (told,) = [finding for finding in data.findings if finding.id == "names_not_utf8"]
    assert told.evidence["files"] == [WRITTEN]
    assert told.summary.startswith("1 name of a file or its folder is not UTF-8, such as")
    audit = inspect(data)
    assert WRITTEN in audit.table["id"].to_list()
    json.dumps(audit.report.to_dict(), ensure_ascii=False).encode("utf-8")


def test_images_that_stay_files_are_found_by_the_name_they_have(pets: Path) -> None:
    lazy, kept = open_data(pets, memory_limit_bytes=1), open_data(pets)
    assert torch.equal(lazy.train.gather(torch.arange(3)), kept.train.gather(torch.arange(3)))
    assert len(lazy.fingerprint) == len(kept.fingerprint)


def test_a_folder_of_such_a_name_is_a_class(tmp_path: Path, make_folder) -> None:
    root = make_folder(tmp_path / "pets", {"cat": 12, "dog": 12})
    (root / "dog").rename(root / os.fsdecode(b"d\xff"))
    data = open_data(root)
    assert data.specification.classes == ("cat", r"d\xff")
    assert len([finding for finding in data.findings if finding.id == "names_not_utf8"]) == 1


def test_a_corrected_view_holds_the_file_under_its_own_name(pets: Path, tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "d.jsonl", (decide(WRITTEN, "relabel", reviewer="anna", label="dog"),))
    write_corrected(open_data(pets), str(pets), log, tmp_path / "view")
    assert (tmp_path / "view" / "dog" / ODD).is_file()


def test_an_unreadable_file_of_such_a_name_is_named_in_one_line(pets: Path) -> None:
    (pets / "cat" / ODD).write_bytes(b"no image")
    with pytest.raises(InputError, match=r"nonutf\\xff\\xfe\.png") as refused:
        open_data(pets)
    str(refused.value).encode("utf-8")
    told = open_data(pets, skip_bad=True).findings
    json.dumps([finding.to_dict() for finding in told], ensure_ascii=False).encode("utf-8")


def zip_with(pets: Path, path: Path, *, claims_utf8: bool) -> Path:
    """Its last member's name is no UTF-8; older programs write such names, and do not claim that they are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(pets.rglob("*.png")):
            name = "cat/nonutfXY.png" if file.name == ODD else str(file.relative_to(pets))
            archive.writestr(name if not claims_utf8 else name.replace("XY", "é"), file.read_bytes())
    raw = content.getvalue().replace("é".encode() if claims_utf8 else b"nonutfXY", b"\xff\xfe" if claims_utf8
                                     else b"nonutf\xff\xfe")  # fmt: skip
    path.write_bytes(raw)
    return path


def test_members_of_a_zip_of_another_character_set_are_read(pets: Path, tmp_path: Path) -> None:
    data = open_data(zip_with(pets, tmp_path / "old.zip", claims_utf8=False))
    ids = [id for split in (data.train, data.validation, data.test) for id in split.ids]
    assert len(ids) == 24
    for id in ids:
        id.encode("utf-8")
    inspect(data)


def test_a_zip_that_claims_utf8_wrongly_is_refused_in_one_line(pets: Path, tmp_path: Path) -> None:
    archive = zip_with(pets, tmp_path / "false.zip", claims_utf8=True)
    with pytest.raises(InputError, match=r"false\.zip: member 'cat/nonutf.*' is not UTF-8, which the zip file says"):
        open_data(archive)
