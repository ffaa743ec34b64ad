"""Sizes: outliers by Tukey's fences, and what scaling changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assay.audit.files.sizes import odd_places


def test_the_fences_by_hand() -> None:
    values = np.array([0.0] * 5 + [1.0] * 10 + [2.0] * 5 + [5.1, -3.1, 4.9])
    # Quartiles 0.5 (or so) to 1.5: whatever numpy makes of ties, three spreads above and below.
    first, third = np.quantile(values, [0.25, 0.75])
    far = [i for i, v in enumerate(values) if v > third + 3 * (third - first) or v < first - 3 * (third - first)]
    assert sorted(odd_places(values).tolist()) == far


def test_the_farthest_comes_first_and_few_values_have_no_outlier() -> None:
    values = np.concatenate([np.linspace(0, 1, 40), [9.0, 20.0, -30.0]])
    assert odd_places(values).tolist() == [42, 41, 40]
    assert odd_places(np.array([0.0] * 18 + [99.0])).tolist() == []


def test_among_files_of_one_size_an_ordinary_other_one_is_not_far(tmp_path: Path, draw, look, told) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for number in range(12):
            draw(24, 24).save(tmp_path / "set" / name / f"{number}.png")
    draw(30, 24).save(tmp_path / "set" / "cat" / "other.png")
    audit = look(tmp_path / "set", size=(24, 24))
    assert not {"size_outliers", "aspect_outliers"} & {finding.id for finding in audit.findings}
    draw(37, 24).save(tmp_path / "set" / "dog" / "larger.png")
    audit = look(tmp_path / "set", size=(24, 24))
    assert told(audit, "size_outliers").evidence["ids"] == ["dog/larger.png"]
    assert told(audit, "aspect_outliers").evidence["ids"] == ["dog/larger.png"]


def test_without_spread_the_fence_is_a_factor_of_one_and_a_half() -> None:
    values = np.log(np.array([1.0] * 30 + [1.49, 1 / 1.49, 1.51, 1 / 1.6]))
    assert odd_places(values).tolist() == [33, 32]


def test_clean_sizes_seldom_have_outliers() -> None:
    drawn = np.random.default_rng(401)
    counts = [len(odd_places(drawn.normal(size=500))) for _ in range(200)]
    # Beyond the outer fences of a normal distribution lie 2.3 in a million: of 100,000 values, less than one.
    assert sum(counts) <= 3


def test_odd_sizes_and_shapes_are_told_with_their_files(pets: Path, draw, look, told) -> None:
    draw(300, 250).save(pets / "cat" / "huge.jpg")
    draw(8, 400).save(pets / "dog" / "strip.jpg")
    audit = look(pets, size=(24, 20))
    assert told(audit, "size_outliers").evidence["ids"] == ["cat/huge.jpg", "dog/strip.jpg"]
    assert told(audit, "aspect_outliers").evidence["sizes"] == {"dog/strip.jpg": "8x400"}
    assert "medians 24x20" in told(audit, "aspect_outliers").summary
    scaled = told(audit, "scaled_images")
    assert (scaled.evidence["enlarged"], scaled.evidence["stretched"]) == (1, 1)


def test_scaling_by_hand(pets: Path, draw, look, told) -> None:
    scaled = told(look(pets, size=(12, 10)), "scaled_images")
    assert scaled.summary == "Scaling 80 files to 12x10 divides their sides by 2 (median; nine of ten: 2 to 2)."
    assert scaled.fix == ""
    enlarged = told(look(pets, size=(48, 40)), "scaled_images")
    assert enlarged.evidence["enlarged"] == 80
    assert "80 are smaller and enlarged" in enlarged.summary
    assert "Choose a smaller --size" in enlarged.fix
    stretched = told(look(pets, size=(8, 20)), "scaled_images")
    assert stretched.evidence["stretched"] == 80


def test_without_a_size_an_inspection_chooses_one_and_says_so(pets: Path, draw, look, told) -> None:
    draw(300, 250).save(pets / "cat" / "huge.jpg")
    audit = look(pets)
    chosen = told(audit, "several_sizes")
    assert chosen.evidence == {"n": 81, "sizes": 2, "scaled_to": [24, 20]}
    assert "--size 24x20" in chosen.fix


@pytest.mark.parametrize(("sides", "chosen"), [((600, 300), [128, 64]), ((3, 400), [1, 128])])
def test_the_chosen_size_is_small_enough(tmp_path: Path, draw, look, told, sides, chosen) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "big" / name).mkdir(parents=True)
        for number in range(6):
            draw(sides[0] + (number == 3), sides[1]).save(tmp_path / "big" / name / f"{number}.jpg")
    assert told(look(tmp_path / "big"), "several_sizes").evidence["scaled_to"] == chosen
