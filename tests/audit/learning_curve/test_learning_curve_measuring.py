"""Measuring a curve, telling it, and the class that gains most."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from assay.audit.learning_curve import Curve, Unit, class_gains, describe_curve, log_spaced_sizes, measure_curve
from assay.audit.learning_curve.measure import order_examples
from assay.figure import Forest, Lines
from assay.finding import Finding

SIZES = log_spaced_sizes(16_000)
AT = np.array(SIZES, dtype=float)
CLASSES = ("cat", "dog", "bird")


def simulate(*truths: np.ndarray, seed: int = 407, spread: float = 0.01) -> Curve:
    """One truth a class; the whole error is their mean."""
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    by_class = np.stack(truths, axis=1)[:, None, :] * (1 + spread * drawn.standard_normal((len(AT), 4, len(truths))))
    return Curve(SIZES, by_class.mean(2), by_class)


def test_subsets_are_nested_and_paired() -> None:
    seen = dict[tuple[int, int], np.ndarray]()

    def train(indices: np.ndarray, seed: int) -> float:
        seen[len(indices), seed] = indices
        return 1.0 / len(indices)

    sizes = (10, 20, 40, 80, 160)
    curve = measure_curve(train, examples=200, sizes=sizes, seeds=(1, 2, 3))
    assert curve.errors.shape == (5, 3)
    assert curve.class_errors is None
    assert curve.means == pytest.approx([1 / size for size in sizes])
    for seed in (1, 2, 3):
        for smaller, larger in pairwise(sizes):
            assert np.array_equal(seen[larger, seed][:smaller], seen[smaller, seed])
        assert len(set(seen[160, seed].tolist())) == 160
    assert not np.array_equal(seen[160, 1], seen[160, 2])


def test_every_beginning_of_an_order_with_labels_is_near_to_stratified() -> None:
    labels = [0] * 600 + [1] * 300 + [2] * 100
    order = order_examples(1000, 5, labels)
    assert sorted(order.tolist()) == list(range(1000))
    for size in (50, 100, 500):
        counts = np.bincount(np.array(labels)[order[:size]], minlength=3)
        assert np.abs(counts - size * np.array([0.6, 0.3, 0.1])).max() <= 2
    assert np.array_equal(order, order_examples(1000, 5, labels))


def test_errors_by_class_are_kept() -> None:
    def train(indices: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
        return 0.5, np.array([0.25, 0.75])

    curve = measure_curve(train, examples=200, sizes=(10, 20, 40, 80, 160), seeds=(1, 2, 3))
    assert curve.class_errors is not None
    assert curve.class_errors.shape == (5, 3, 2)


def test_wrong_measurements_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sizes must not be empty nor exceed 100 examples, got \(10, 200\)"):
        measure_curve(lambda indices, seed: 0.5, examples=100, sizes=(10, 200), seeds=(0, 1, 2))
    with pytest.raises(ValueError, match="labels must be one for each of 100 examples, got 2"):
        measure_curve(lambda indices, seed: 0.5, examples=100, sizes=(10,), seeds=(0,), labels=[0, 1])


def test_the_class_that_falls_fastest_gains_most() -> None:
    steep, flat, slow = 3.0 * AT**-0.3, np.full(len(AT), 0.3), 0.5 * AT**-0.05
    gains = class_gains(simulate(steep, flat, slow), 32_000, classes=CLASSES)
    assert gains[0].name == "cat"
    assert gains[0].sure >= 0.95
    assert gains[0].low <= 3.0 * (16_000**-0.3 - 32_000**-0.3) <= gains[0].high
    assert sum(gain.sure for gain in gains) == pytest.approx(1.0)
    assert {gain.name: gain for gain in gains}["dog"].middle < 0.01


def test_classes_where_nothing_falls_or_nothing_is_known_are_left_out() -> None:
    curve = simulate(3.0 * AT**-0.3, np.zeros(len(AT)), np.full(len(AT), 0.2))
    assert curve.class_errors is not None
    curve.class_errors[:, :, 2] = np.nan
    assert [gain.name for gain in class_gains(curve, 32_000, classes=CLASSES)] == ["cat"]
    curve.class_errors[:, :, 0] = 0.0
    assert class_gains(curve, 32_000, classes=CLASSES) == ()


def test_class_requests_that_cannot_be_met_are_refused() -> None:
    curve = simulate(AT**-0.3, AT**-0.2, AT**-0.1)
    with pytest.raises(ValueError, match="classes must be 3 names, got 1"):
        class_gains(curve, 32_000, classes=("cat",))
    with pytest.raises(ValueError, match="size must be above 16000, the largest measured, got 16000"):
        class_gains(curve, 16_000, classes=CLASSES)
    with pytest.raises(ValueError, match="class_errors must be given with the curve"):
        class_gains(Curve(curve.sizes, curve.errors), 32_000, classes=CLASSES)


def test_a_falling_curve_is_told_as_a_band_with_its_laws() -> None:
    curve = simulate(3.0 * AT**-0.3, np.full(len(AT), 0.1), 0.5 * AT**-0.05)
    band, gains = describe_curve(curve, classes=CLASSES)
    assert band.id == "learning_curve"
    assert band.level == gains.level == "note"
    assert band.summary.startswith("At 2 times the data (32,000 examples) the error would be ")
    assert "–" in band.summary
    assert "with 16,000 it is" in band.summary
    assert "mean of 4 seeds, 8 sizes" in band.summary
    assert band.fix.startswith("More examples of the same kind pay")
    assert band.evidence["low"] < band.evidence["middle"] < band.evidence["high"] < band.evidence["now"]
    assert band.evidence["look_back"]["from"] == SIZES[-3]
    assert np.array_equal(band.evidence["errors"], curve.errors)
    figure = band.figures[0]
    assert isinstance(figure, Lines)
    assert figure.log_x
    assert figure.log_y
    series = {series.name: series for series in figure.series}
    assert list(series)[:3] == ["one seed", "mean", "band, 95%"]
    outline = series["band, 95%"]
    half = len(outline.x) // 2
    assert outline.x[:half] == outline.x[half:][::-1]
    assert all(low < high for low, high in zip(outline.y[:half], reversed(outline.y[half:]), strict=True))
    at = outline.x.index(32_000)
    assert outline.y[at] == pytest.approx(100 * band.evidence["low"])
    assert "'cat' gains most from 2 times the data" in gains.summary
    assert isinstance(gains.figures[0], Forest)
    for found in (band, gains):
        assert Finding.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_flat_curve_is_not_said_to_gain() -> None:
    band, gains = describe_curve(simulate(*[np.full(len(AT), 0.2)] * 3), classes=CLASSES)
    assert "are not shown to pay" in band.fix
    assert "is unsure" in gains.summary


def test_a_curve_that_turns_is_said_to_deserve_little_trust() -> None:
    falling = 0.4 * (AT / AT[0]) ** -0.5
    falling[-2:] = falling[-3] * 1.3
    summary = describe_curve(simulate(falling, falling, falling))[0].summary
    assert "missed the measured error: trust this one little" in summary


def test_a_loss_is_told_in_its_own_unit_and_times_has_limits() -> None:
    curve = simulate(30.0 * AT**-0.3, 30.0 * AT**-0.3, 30.0 * AT**-0.3)
    assert "%" not in describe_curve(curve, unit=Unit(percent=False))[0].summary
    with pytest.raises(ValueError, match="times must be above 1 and at most 10, got 1"):
        describe_curve(curve, times=1.0)


def test_several_multiples_are_told_in_one_sentence_and_of_the_whole_where_only_a_part_was_measured() -> None:
    curve = simulate(3.0 * AT**-0.3, np.full(len(AT), 0.1), 0.5 * AT**-0.05)
    two = describe_curve(curve, times=(4, 2), held_out=2_000)[0]
    assert [band["times"] for band in two.evidence["bands"]] == [2, 4]
    assert "%, at 4 times (64,000) " in two.summary
    assert "8 sizes, on 2,000 held-out examples)" in two.summary
    assert "points off, in all sizes alike" in two.cause
    part = describe_curve(curve, times=2, examples=40_000)[0]
    assert part.summary.startswith("At all 40,000 examples the error would be ")
    assert "at 2 times the data (80,000 examples)" in part.summary
    assert "with 16,000 of 40,000 it is" in part.summary
    assert (part.evidence["size"], part.evidence["examples"]) == (80_000, 40_000)
    whole, gains = describe_curve(curve, times=(), examples=40_000, classes=CLASSES)
    assert whole.evidence["size"] == 40_000
    assert "all of the data" in gains.summary
    with pytest.raises(ValueError, match="examples must be at least 16000, the largest measured size, got 15000"):
        describe_curve(curve, examples=15_000)
    with pytest.raises(ValueError, match=r"times must be above 1 and at most 4, got 5"):
        describe_curve(curve, times=(2, 5), examples=40_000)
    with pytest.raises(ValueError, match="times must hold a number above 1, got none"):
        describe_curve(curve, times=())


def test_time_ends_a_curve_at_a_size_and_gives_more_seeds_where_there_is_some() -> None:
    trained = list[tuple[int, int]]()

    def train(indices: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
        trained.append((len(indices), seed))
        return 1.0 / len(indices) + 1e-4 * seed, np.array([0.5, 0.5])

    sizes = (10, 20, 40, 80, 160, 320)
    short = measure_curve(train, examples=400, sizes=sizes, seeds=(0, 1, 2), time_is_left=lambda pairs: False)
    assert short.sizes == sizes[:5]
    assert len(trained) == 15
    trained.clear()
    curve = measure_curve(train, examples=400, sizes=sizes, seeds=(0, 1, 2), more_seeds=(3, 4, 5),
                          time_is_left=lambda pairs: pairs[0][1] != 5)  # fmt: skip
    assert curve.errors.shape == (6, 5)
    assert curve.class_errors is not None
    assert curve.class_errors.shape == (6, 5, 2)
    assert trained[-6:] == [(size, 4) for size in sizes]
    assert curve.errors[0] == pytest.approx([0.1, 0.1001, 0.1002, 0.1003, 0.1004])


def test_a_curve_may_begin_later() -> None:
    curve = simulate(3.0 * AT**-0.3, np.full(len(AT), 0.1), 0.5 * AT**-0.05)
    later = curve.beginning_at(SIZES[2])
    assert later.sizes == SIZES[2:]
    assert np.array_equal(later.errors, curve.errors[2:])
    assert later.class_errors is not None
    assert len(later.class_errors) == len(SIZES) - 2
