"""Traits of files that go with a class: found when planted, silent when drawn without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import fisher_exact

from assay.audit.files.cues import Trait, find_cues, strongest_of, traits_of
from assay.audit.files.listing import Listing
from assay.data.reading.headers import Header


def listing(headers: list[Header], targets: np.ndarray, splits: str = "train") -> Listing:
    ids = tuple(f"{number}.jpg" for number in range(len(headers)))
    return Listing(Path("root"), ids, tuple(headers), targets, np.repeat([splits], len(headers)))


def test_phi_and_its_chance_agree_with_other_ways_to_them() -> None:
    drawn = np.random.default_rng(402)
    for _ in range(20):
        targets = drawn.integers(0, 2, 60)
        holds = np.where(drawn.random(60) < 0.7, targets == 1, drawn.random(60) < 0.5)
        table = [[np.sum(holds & (targets == 1)), np.sum(~holds & (targets == 1))],
                 [np.sum(holds & (targets == 0)), np.sum(~holds & (targets == 0))]]  # fmt: skip
        found = strongest_of([Trait("x", "x", holds)], targets, 2)
        phi = np.corrcoef(holds, targets == 1)[0, 1]
        chance = min(fisher_exact(table, side).pvalue for side in ("less", "greater")) * 2 * 2
        assert bool(found) == (abs(phi) >= 0.2 and chance < 1e-3)
        if found:
            assert {round(cue.phi, 9) for cue in found} == {round(phi, 9), round(-phi, 9)}


def test_a_trait_that_names_a_class_is_an_alert() -> None:
    headers = [Header(32, 32, 3, "PNG" if target == 2 else "JPEG") for target in [0, 1, 2, 3] * 50]
    (finding,) = find_cues(listing(headers, np.array([0, 1, 2, 3] * 50)), ("a", "b", "c", "d"))
    assert finding.level == "suspect"
    assert "by their format: " in finding.summary
    assert "of class 'c'" in finding.summary
    assert finding.evidence["worst"][0]["phi"] == pytest.approx(-1.0)


@pytest.mark.parametrize("kind", ["size", "aspect"])
def test_sizes_and_shapes_that_part_the_classes_are_an_alert(kind: str) -> None:
    drawn = np.random.default_rng(403)
    targets = drawn.integers(0, 2, 300)
    sides = np.exp(drawn.normal(np.log(200) + 0.8 * targets, 0.2)).astype(int).tolist()
    headers = [Header(side if kind == "size" else 200, side, 3, "JPEG") for side in sides]
    (finding,) = find_cues(listing(headers, targets), ("a", "b"))
    assert finding.level == "suspect"
    assert any(cue["trait"].startswith({"size": "size", "aspect": "width / height"}[kind])
               for cue in finding.evidence["worst"])  # fmt: skip


def test_test_files_are_not_asked() -> None:
    headers = [Header(32, 32, 3, "PNG" if target else "JPEG") for target in [0, 1] * 50]
    assert find_cues(listing(headers, np.array([0, 1] * 50), splits="test"), ("a", "b")) == []


def test_files_of_many_kinds_that_say_nothing_are_silent() -> None:
    told = 0
    for seed in range(100):
        drawn = np.random.default_rng(seed)
        classes = int(drawn.choice([2, 5, 30]))
        kinds = [
            Header(int(drawn.integers(20, 400)), int(drawn.integers(20, 400)), 3, str(drawn.choice(["PNG", "JPEG"])),
                   str(drawn.choice(["RGB", "L", "P"])), orientation=int(drawn.integers(1, 9)))
            for _ in range(30)
        ]  # fmt: skip
        headers = [kinds[place] for place in drawn.integers(0, 30, 300)]
        told += len(find_cues(listing(headers, drawn.integers(0, classes, 300)), tuple(map(str, range(classes)))))
    # By chance alone one in a thousand is told.
    assert told <= 1


def test_few_files_and_one_class_have_no_cue() -> None:
    headers = [Header(32, 32, 3, "PNG" if number % 2 else "JPEG") for number in range(28)]
    assert find_cues(listing(headers, np.arange(28) % 2), ("a", "b")) == []
    assert find_cues(listing(headers * 4, np.zeros(112, dtype=int)), ("a",)) == []


def test_ten_thousand_classes_take_no_time() -> None:
    drawn = np.random.default_rng(404)
    kinds = [Header(side, 32, 3, "JPEG") for side in range(20, 400)]
    files = listing([kinds[place] for place in drawn.integers(0, 380, 20_000)], np.arange(20_000) % 10_000)
    assert len(list(traits_of(files))) > 10
    assert find_cues(files, tuple(map(str, range(10_000)))) == []


def test_a_grey_class_among_coloured_ones_is_found_from_files(pets: Path, look, told) -> None:
    for path in (pets / "dog").glob("*.jpg"):
        Image.open(path).convert("L").save(path)
    finding = told(look(pets), "file_cues")
    assert (finding.level, finding.evidence["worst"][0]["class"]) == ("suspect", "cat")
    assert "mode" in finding.summary
