"""Words of file names that tell the class: found, measured by hand, and none by chance."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.audit.name_cues import find_name_cues, strongest_words, words_of
from assay.data.data import Data


def named(data: Data, name) -> Data:
    """Its examples under paths in class folders."""

    def rename(split, part: str):
        labels = split.targets.tolist()
        ids = tuple(f"{part}/class {label}/{name(label, row)}.png" for row, label in enumerate(labels))
        return replace(split, ids=ids)

    return replace(data, train=rename(data.train, "train"), validation=rename(data.validation, "val"),
                   test=rename(data.test, "test"))  # fmt: skip


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("train/cat/IMG_0012.jpg", {"img", ".jpg"}),
        ("cat/0012.JPG", {".jpg"}),
        ("cat/cats_0012", {"cats", ""}),
        ("val/cat/scan-B/007 left eye.png", {"scan", "left", "eye", ".png"}),
    ],
)
def test_words_of_a_path(path: str, words: set[str]) -> None:
    assert words_of(path, "cat") == words


def test_the_strength_of_a_word_by_hand() -> None:
    # Of three classes of 20 one has the word in 20 names, one in 10, one in none: share 1/2, chi-squared 2 * 10^2 / 5.
    words = [frozenset({"scan"})] * 30 + [frozenset[str]()] * 30
    (word,) = strongest_words(words, np.repeat([0, 1, 2], 20))
    assert word.strength == pytest.approx((40 / 60) ** 0.5)
    assert word.marks == (0, 1)
    assert (word.n, word.classes) == (60, 3)


def test_a_source_that_some_classes_come_from_is_suspect(make_images) -> None:
    data = named(make_images(0), lambda label, row: f"{'DSC' if label % 2 else 'web'}_{row}")
    (finding,) = find_name_cues(data)
    assert finding.level == "suspect"
    assert finding.summary == (
        "File names tell the class by 'dsc', 'web': 'dsc' is in most names of 2 of 4 classes (class 1, class 3), "
        "V = 1.00 (n=160 files of training and validation)."
    )
    assert finding.evidence["classes"]["web"] == ["class 0", "class 2"]


def test_a_word_for_each_class_is_its_other_name(make_images) -> None:
    data = named(make_images(0), lambda label, row: f"{'abcd'[label] * 3}{row}")
    (finding,) = find_name_cues(data)
    assert finding.level == "note"


@pytest.mark.parametrize(
    "name",
    [
        lambda label, row: f"{row:05d}",
        lambda label, row: f"IMG_{row:05d}",
        lambda label, row: f"class_{label}_{row}",
        lambda label, row: f"{'left' if row % 3 else 'right'}_{row}",
    ],
    ids=["numbers", "one camera", "the class", "by lot"],
)
def test_usual_names_tell_nothing(make_images, name) -> None:
    assert find_name_cues(named(make_images(0), name)) == []


def renamed(data: Data, classes: list[str], name) -> Data:
    """Its examples under paths in folders of these classes."""
    found = replace(data, specification=replace(data.specification, classes=tuple(classes)))

    def rename(split, part: str):
        ids = (f"{part}/{classes[label]}/{name(label, row)}" for row, label in enumerate(split.targets.tolist()))
        return replace(split, ids=tuple(ids))

    return replace(found, train=rename(found.train, "train"), validation=rename(found.validation, "val"))


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (["flower", "tree", "car", "house"], "flower_{}.jpg"),
        (["flowers", "flower bed", "car", "house"], "flower_{}.jpg"),
        (
            ["cat <b>bold<script>alert(1)<_script>", "dog", "é", "bird"],
            "{} <img src=x onerror=alert(1)> 'q' \"d\" é.png",
        ),
    ],
    ids=["one class", "two classes", "markup"],
)
def test_the_name_of_a_class_in_all_file_names_tells_nothing(make_images, classes: list[str], name: str) -> None:
    assert find_name_cues(renamed(make_images(0), classes, lambda label, row: name.format(row))) == []


def test_the_name_of_one_class_tells_others_apart(make_images) -> None:
    classes = ["flower", "tree", "car", "house"]
    data = renamed(make_images(0), classes, lambda label, row: f"{'flower' if label < 2 else 'img'}_{row}.jpg")
    found = strongest_words([words_of(path, "") for path in data.train.ids], data.train.targets.numpy(),
                            dict(enumerate(classes)))  # fmt: skip
    flower = next(word for word in found if word.word == "flower")
    assert (flower.marks, flower.classes, flower.n) == ((1,), 3, int((data.train.targets > 0).sum()))
    (finding,) = find_name_cues(
        renamed(data, classes, lambda label, row: f"{'flower' if label < 2 else row}_{row}.png")
    )
    assert finding.level == "suspect"
    assert "'flower' is in most names of 1 of 3 classes that it does not name (tree), V = 1.00" in finding.summary


def test_names_of_classes_by_lot_are_quiet() -> None:
    print("seed 415")
    draw = np.random.default_rng(415)
    names = {kind: f"w{chr(97 + kind)} w{chr(98 + kind)}" for kind in range(10)}
    for _ in range(200):
        targets = draw.integers(0, 10, 60)
        words = [frozenset(draw.choice([f"w{chr(97 + k)}" for k in range(26)], 8)) for _ in targets]
        assert strongest_words(words, targets, names) == []


def test_the_ending_of_a_name_is_a_word(make_images) -> None:
    data = named(make_images(0), lambda label, row: f"{row}")
    ids = tuple(name.replace(".png", ".jpg") if name[12] in "13" else name for name in data.train.ids)
    (finding,) = find_name_cues(replace(data, train=replace(data.train, ids=ids)))
    assert (finding.level, list(finding.evidence["words"])) == ("suspect", [".jpg", ".png"])


def test_names_by_lot_are_quiet() -> None:
    print("seed 414")
    draw = np.random.default_rng(414)
    for _ in range(50):
        targets = draw.integers(0, 10, 60)
        words = [frozenset(draw.choice([f"w{chr(97 + k)}" for k in range(26)], 8)) for _ in targets]
        assert strongest_words(words, targets) == []


def test_what_has_no_paths_is_not_asked(make_images, make_table) -> None:
    assert find_name_cues(make_images(0)) == []
    assert find_name_cues(make_table(0)) == []
    few = named(make_images(0), lambda label, row: f"{'DSC' if label else 'web'}_{row}")
    assert find_name_cues(replace(few, train=few.train.select(torch.arange(5)),
                                  validation=few.validation.select(torch.arange(5)))) == []  # fmt: skip
