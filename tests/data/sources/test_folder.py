"""Class folders: parts, groups, streaming, and each kind of bad input."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assay.data.encoders import ImageEncoder
from assay.data.open import open_data
from assay.data.stream import ImageFiles
from assay.errors import InputError


def test_images_and_labels_stay_together(tmp_path: Path, make_folder) -> None:
    data = open_data(make_folder(tmp_path / "pets", {"cat": 20, "dog": 10}))
    assert data.name == "pets"
    assert data.specification.classes == ("cat", "dog")
    assert data.specification.encoder == ImageEncoder(1, 6, 4)
    for split in (data.train, data.validation, data.test):
        assert isinstance(split.inputs, torch.Tensor)
        for image, target, name in zip(split.inputs, split.targets.tolist(), split.ids, strict=True):
            label, file = name.split("/")
            assert label == data.specification.classes[target]
            assert int(image[0, 0, 0]) == 50 * target + int(file[:3])


@pytest.mark.parametrize("validation", ["val", "valid", "validation", "Validation"])
def test_parts_of_the_source_are_respected(tmp_path: Path, make_folder, validation: str) -> None:
    make_folder(tmp_path / "s" / "train", {"a": 10, "b": 10})
    make_folder(tmp_path / "s" / validation, {"a": 3, "b": 3})
    make_folder(tmp_path / "s" / "test", {"a": 2, "b": 2})
    data = open_data(tmp_path / "s")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [20, 6, 4]
    assert all(name.startswith("test/") for name in data.test.ids)


def test_a_wrapping_folder_is_entered_and_hidden_files_and_other_files_left_out(tmp_path: Path, make_folder) -> None:
    root = make_folder(tmp_path / "s" / "wrapper", {"a": 10, "b": 10})
    (root / "a" / ".DS_Store").write_bytes(b"")
    (root / "a" / "notes.txt").write_text("hello")
    (tmp_path / "s" / ".cache").mkdir()
    data = open_data(tmp_path / "s")
    assert data.specification.classes == ("a", "b")
    (finding,) = data.findings
    assert (finding.id, finding.level, finding.evidence["files"]) == ("ignored_files", "note", ["wrapper/a/notes.txt"])


def test_one_colour_image_makes_all_three_channels(tmp_path: Path, make_folder, make_image) -> None:
    make_folder(tmp_path / "s", {"a": 10, "b": 10})
    make_image(tmp_path / "s" / "a" / "colour.png", mode="RGB")
    assert open_data(tmp_path / "s").specification.input_shape == (3, 6, 4)


def test_groups_from_file_names_do_not_straddle(tmp_path: Path, make_image) -> None:
    for patient in range(12):
        for shot in range(3):
            make_image(tmp_path / "s" / ("ill" if patient % 2 else "well") / f"p{patient:02}_{shot}.png")
    data = open_data(tmp_path / "s", group=r"(p\d+)_")
    homes = [{name.split("_")[0] for name in split.ids} for split in (data.train, data.validation, data.test)]
    assert sum(len(home) for home in homes) == 12
    assert len(set.union(*homes)) == 12


def test_groups_torn_by_the_source_itself_are_proved(tmp_path: Path, make_folder) -> None:
    make_folder(tmp_path / "s" / "train", {"a": 10, "b": 10})
    make_folder(tmp_path / "s" / "test", {"a": 2, "b": 2})
    data = open_data(tmp_path / "s", group=r"(\d+)\.png")
    (finding,) = [finding for finding in data.findings if finding.id == "groups_straddle_splits"]
    assert finding.level == "proved"
    assert finding.evidence["groups"] == ["000", "001"]


def test_what_exceeds_the_memory_limit_stays_files_with_the_same_split_and_statistics(
    tmp_path: Path, make_folder
) -> None:
    root = make_folder(tmp_path / "s", {"a": 20, "b": 20})
    held, lazy = open_data(root), open_data(root, memory_limit_bytes=100)
    assert isinstance(lazy.train.inputs, ImageFiles)
    assert lazy.train.ids == held.train.ids
    assert torch.equal(lazy.train.gather(torch.arange(26)), held.train.gather(torch.arange(26)))
    assert lazy.specification.normalization.mean == pytest.approx(held.specification.normalization.mean)


def test_mixed_sizes_need_a_size(tmp_path: Path, make_folder, make_image) -> None:
    root = make_folder(tmp_path / "s", {"a": 10, "b": 10})
    make_image(root / "b" / "big.png", size=(9, 8))
    message = r"6x4 \(20 files, such as a/000\.png\), 9x8 \(1 files, such as b/big\.png\); .*--size 6x4"
    with pytest.raises(InputError, match=message):
        open_data(root)
    data = open_data(root, size=(5, 3))
    assert data.specification.encoder == ImageEncoder(1, 5, 3, resize=True)
    assert open_data(root, size=7).specification.input_shape == (1, 7, 7)


def test_an_unreadable_image_is_named_or_left_out_as_if_it_had_never_been(tmp_path: Path, make_folder) -> None:
    root = make_folder(tmp_path / "s", {"a": 20, "b": 20})
    clean = open_data(root)
    (root / "a" / "zz_text.png").write_text("not a picture")
    cut = (root / "b" / "000.png").read_bytes()
    (root / "b" / "zz_cut.png").write_bytes(cut[:-25])  # the header is whole, the pixels are not
    with pytest.raises(InputError, match=r"a/zz_text\.png: not an image .*--skip-bad"):
        open_data(root)
    (root / "a" / "zz_text.png").rename(root / "a" / "zz_text.txt")
    for limit in (100, 10**9):  # also when it is streamed
        with pytest.raises(InputError, match=r"b/zz_cut\.png: unreadable or truncated image .*--skip-bad"):
            open_data(root, memory_limit_bytes=limit)
    (root / "a" / "zz_text.txt").rename(root / "a" / "zz_text.png")
    data = open_data(root, skip_bad=True)
    assert data.fingerprint == clean.fingerprint
    (finding,) = data.findings
    assert (finding.id, finding.level, finding.evidence["count"]) == ("unreadable_files", "suspect", 2)
    assert "zz_text.png" in finding.evidence["files"][0]
    assert "zz_cut.png" in finding.evidence["files"][1]


def test_all_unreadable(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "s" / name).mkdir(parents=True)
        (tmp_path / "s" / name / "1.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"1\.png: an empty file \(0 bytes\); .*\(1 more files are unreadable\)"):
        open_data(tmp_path / "s")
    with pytest.raises(InputError, match="none of its image files can be read"):
        open_data(tmp_path / "s", skip_bad=True)


def test_empty_folders_are_refused(tmp_path: Path, make_folder) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty: no class folders with images"):
        open_data(tmp_path / "empty")
    root = make_folder(tmp_path / "s", {"a": 5, "b": 5})
    (root / "c").mkdir()
    with pytest.raises(InputError, match="c: this class folder holds no images"):
        open_data(root)


def test_images_without_class_folders_are_refused(tmp_path: Path, make_image) -> None:
    make_image(tmp_path / "flat" / "a.png")
    with pytest.raises(InputError, match="flat: no class folders"):
        open_data(tmp_path / "flat")


def test_an_unsorted_test_folder_is_refused(tmp_path: Path, make_folder, make_image) -> None:
    make_folder(tmp_path / "s" / "train", {"a": 5, "b": 5})
    make_image(tmp_path / "s" / "test" / "1.png")
    with pytest.raises(InputError, match="test: has no class folders"):
        open_data(tmp_path / "s")


def test_one_class_and_a_class_with_one_example_are_refused(tmp_path: Path, make_folder) -> None:
    with pytest.raises(InputError, match=r"one class only \('a'\)"):
        open_data(make_folder(tmp_path / "one", {"a": 5}))
    with pytest.raises(InputError, match=r"class 'b' has a single example \(b/000\.png\)"):
        open_data(make_folder(tmp_path / "single", {"a": 5, "b": 1}))


def test_a_class_whose_only_files_are_unreadable_does_not_vanish(tmp_path: Path, make_folder) -> None:
    root = make_folder(tmp_path / "s", {"a": 5, "b": 5})
    (root / "c").mkdir()
    (root / "c" / "1.png").write_bytes(b"")
    with pytest.raises(InputError, match="class 'c' has no readable example"):
        open_data(root, skip_bad=True)


def test_a_class_unknown_to_train_is_refused(tmp_path: Path, make_folder) -> None:
    make_folder(tmp_path / "s" / "train", {"a": 5, "b": 5})
    make_folder(tmp_path / "s" / "test", {"a": 2, "c": 2})
    with pytest.raises(InputError, match="class 'c' is in the test folder but not in train"):
        open_data(tmp_path / "s")


def test_target_means_nothing_here(tmp_path: Path, make_folder) -> None:
    with pytest.raises(InputError, match="no use for --target"):
        open_data(make_folder(tmp_path / "s", {"a": 5, "b": 5}), target="a")


def test_impute_means_nothing_to_images(tmp_path: Path, make_folder) -> None:
    with pytest.raises(InputError, match="a folder of images has no use for --impute; leave it out"):
        open_data(make_folder(tmp_path / "pets", {"a": 10, "b": 10}), impute=True)
