"""Near duplicates planted in made-up pictures: found, grouped and told; and none where there are none."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from assay.audit.equal_groups import EqualGroups, group_equals
from assay.audit.scan import scan
from assay.audit.similar.leaked_score import score_without_leaked
from assay.audit.similar.like_examples import LikeExamples, find_like_examples
from assay.audit.similar.near_duplicates import find_near_duplicates
from assay.audit.similar.near_pictures import find_near_pictures
from assay.data.data import Data
from assay.finding import Skipped

Make = Callable[..., Data]


def scenes(seed: int, n: int = 400, channels: int = 3, side: int = 32) -> torch.Tensor:
    """Sums of noise at three scales: a spectrum like that of photographs."""
    generator = torch.Generator().manual_seed(seed)
    parts = [
        weight * torch.nn.functional.interpolate(
            torch.randn(n, channels, size, size, generator=generator), (side, side), mode="bicubic")
        for size, weight in ((3, 40.0), (8, 20.0), (16, 10.0))
    ]  # fmt: skip
    return (sum(parts, torch.zeros(())) + 128).clamp(0, 255).byte()


def saved(image: torch.Tensor, quality: int = 60) -> torch.Tensor:
    buffer = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(buffer, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(buffer))).permute(2, 0, 1)


def equals_of(data: Data) -> EqualGroups:
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return group_equals({name: scan(split) for name, split in splits.items() if len(split)})


def like_of(data: Data) -> LikeExamples:
    like = find_like_examples(data, equals_of(data))
    assert isinstance(like, LikeExamples)
    return like


def planted() -> torch.Tensor:
    """400 scenes, of which the first 240 train; six twins in validation (240 to 319) and test (320 to 399)."""
    images = scenes(400)
    images[330] = saved(images[3])
    images[331] = (images[4].float() * 0.8 + 20).byte()
    images[332] = images[5].flip(2)
    images[333] = saved(images[6].roll((1, 2), dims=(1, 2)).flip(2))
    images[334] = images[7]
    images[250] = saved(images[8])
    images[20] = saved(images[21])
    return images


@cache
def searched(make: Make) -> tuple[Data, LikeExamples]:
    """One search serves the tests that only read it."""
    data = make(planted(), torch.arange(400) % 4, sizes=(240, 80, 80))
    return data, like_of(data)


def test_planted_twins_are_found_with_their_kind(make_data: Make) -> None:
    _, like = searched(make_data)
    rows = list(zip(like.pairs.first.tolist(), like.pairs.second.tolist(), strict=True))
    assert set(rows) == {(3, 330), (4, 331), (5, 332), (6, 333), (7, 334), (8, 250), (20, 21)}
    kinds = dict(zip(rows, like.pairs.kind.tolist(), strict=True))
    assert (kinds[7, 334], kinds[5, 332]) == (0, 1)  # exact, flip
    assert kinds[3, 330] == 2  # perceptual
    assert like.twins("test", "train").nonzero()[0].tolist() == [10, 11, 12, 13, 14]
    assert like.group[3] == like.group[330] != like.group[4]


def test_an_unknown_split_is_refused(make_data: Make) -> None:
    with pytest.raises(ValueError, match="split must be one of train, validation, test, got 'dev'"):
        searched(make_data)[1].twins("dev", "train")


def test_twins_are_the_mask_for_the_score_without_them(make_data: Make) -> None:
    leaked = searched(make_data)[1].twins("test", "train")
    score = score_without_leaked(leaked | (np.arange(80) % 2 == 0), leaked)  # all twins right, half of the others
    assert score.leaked is not None
    assert (score.leaked.correct, score.leaked.n, score.without_leaked.n) == (5, 5, 75)
    assert score.change < 0


def test_findings_say_how_many_of_how_many_and_show_them(make_data: Make) -> None:
    told = {finding.id: finding for finding in find_near_duplicates(*searched(make_data))}
    assert set(told) == {"near_duplicates", "train_validation_near_duplicates", "train_test_near_duplicates"}
    assert told["near_duplicates"].level == "note"
    assert told["near_duplicates"].evidence["members"] == {"train": 2, "validation": 0, "test": 0}
    shared = told["train_test_near_duplicates"]
    assert shared.level == "suspect"
    assert shared.summary == "4 of 80 test images (5.00%) are almost the same as one in train."
    assert (shared.evidence["count"], shared.evidence["n"], shared.evidence["n_compared"]) == (4, 80, 399)
    (figure,) = shared.figures
    assert len(figure.pngs) == 8  # type: ignore[union-attr]
    assert figure.captions[0].startswith("flip: train train-5")  # type: ignore[union-attr]


def test_lazy_pictures_are_found_the_same(make_data: Make, lazily) -> None:
    data, like = searched(make_data)
    assert isinstance(data.train.inputs, torch.Tensor)
    lazy = replace(data, train=replace(data.train, inputs=lazily(data.train.inputs)))
    one, other = like.pairs, like_of(lazy).pairs
    assert np.array_equal([one.first, one.second], [other.first, other.second])


def test_clean_pictures_raise_no_alarm(make_data: Make) -> None:
    print("seeds 430 to 435")
    alarms = 0
    for seed in range(430, 436):
        images = scenes(seed, 200, 1, 12) if seed % 2 else torch.randint(
            0, 256, (200, 3, 9, 9), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)  # fmt: skip
        data = make_data(images if seed % 3 else images.float(), torch.arange(200) % 4)
        alarms += any(finding.is_alert for finding in find_near_duplicates(data, like_of(data)))
    assert alarms == 0


def test_the_digits_have_no_near_duplicates(make_data: Make) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = torch.from_numpy(digits.images * 15.9).byte()[:, None]
    data = make_data(images, torch.from_numpy(digits.target), sizes=(1100, 300, 397))
    assert not any(finding.is_alert for finding in find_near_duplicates(data, like_of(data)))


def test_constant_pictures_are_duplicates_only_where_they_are_equal(make_data: Make) -> None:
    images = scenes(401)
    images[:120] = (torch.arange(120) // 2)[:, None, None, None].byte()
    like = like_of(make_data(images, torch.arange(400) % 4, sizes=(240, 80, 80)))
    assert like.pairs.counts() == {"exact": 60}
    assert like.compared == 280


def test_few_pictures_are_compared_by_their_values_alone(make_data: Make) -> None:
    images = scenes(402, 6)
    images[5] = images[0].flip(2)
    data = make_data(images, torch.arange(6) % 2, sizes=(4, 1, 1))
    found = find_near_duplicates(data, like_of(data))
    assert "mirror images only: 50 that differ are needed" in found[0].summary
    assert [finding.id for finding in found[1:]] == ["train_test_near_duplicates"]


def test_one_picture_is_no_trouble(make_data: Make) -> None:
    data = make_data(scenes(403, 1), torch.zeros(1, dtype=torch.int64), sizes=(1, 0, 0))
    (finding,) = find_near_duplicates(data, like_of(data))
    assert finding.summary.startswith("Images almost the same as another one of their split: 0 of 1 in train")


def test_pictures_with_values_that_are_not_finite_are_left_out(make_data: Make) -> None:
    images = scenes(404, 200).float() / 255
    images[3, 0, 0, 0] = torch.nan
    like = like_of(make_data(images, torch.arange(200) % 4))
    assert (len(like.pairs), like.compared) == (0, 199)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((5,), "rows that are equal once rounded may well be two examples"),
        ((2, 8, 8), "pictures of 1 or 3 channels, these have 2"),
        ((3, 6, 20), "pictures of 6x20 are too small: below 8x8"),
    ],
)
def test_what_is_no_picture_is_left_out_with_the_reason(make_data: Make, shape: tuple[int, ...], reason: str) -> None:
    data = make_data(torch.rand(200, *shape), torch.arange(200) % 4)
    skipped = find_like_examples(data, equals_of(data))
    assert isinstance(skipped, Skipped)
    assert reason in skipped.reason


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="there must be at least 50 pictures to tell near ones from chance, got 49"):
        find_near_pictures(torch.rand(49, 64), (1, 8, 8))


def test_nothing_is_drawn_from_the_global_random_state(make_data: Make, random_state_untouched: None) -> None:
    like_of(make_data(scenes(405, 200, 1, 12), torch.arange(200) % 4))
