"""Training dynamics: three measures by hand over three epochs, from generators as from arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from assay.audit.labels.area_under_margin import area_under_margin
from assay.audit.labels.cartography import map_training
from assay.audit.labels.forgetting import count_forgetting
from assay.errors import InputError

LABELS = np.array([0, 0, 1])
EPOCHS = np.array(
    [
        [[0.8, 0.2], [0.6, 0.4], [0.7, 0.3]],
        [[0.9, 0.1], [0.3, 0.7], [0.8, 0.2]],
        [[0.9, 0.1], [0.7, 0.3], [0.9, 0.1]],
    ]
)
MEASURES: tuple[Callable[..., Any], ...] = (area_under_margin, map_training, count_forgetting)


def one_by_one() -> Iterator[np.ndarray]:
    yield from EPOCHS


def test_area_under_margin_by_hand() -> None:
    expected = [
        np.mean(np.log([4, 9, 9])),
        np.mean(np.log([1.5, 3 / 7, 7 / 3])),
        np.mean(np.log([3 / 7, 1 / 4, 1 / 9])),
    ]
    assert area_under_margin(one_by_one(), LABELS) == pytest.approx(expected)


def test_area_under_margin_is_the_same_from_logits() -> None:
    logits = np.random.default_rng(0).standard_normal((4, 6, 3))
    labels = np.arange(6) % 3
    powers = np.exp(logits)
    others = np.where(np.arange(3) == labels[:, None], -np.inf, logits).max(2)
    expected = (logits[:, np.arange(6), labels] - others).mean(0)
    assert area_under_margin(powers / powers.sum(2, keepdims=True), labels) == pytest.approx(expected)


def test_cartography_by_hand() -> None:
    found = map_training(EPOCHS, LABELS)
    assert found.confidence == pytest.approx([2.6 / 3, 1.6 / 3, 0.2])
    assert found.variability == pytest.approx(
        [np.std([0.8, 0.9, 0.9]), np.std([0.6, 0.3, 0.7]), np.std([0.3, 0.2, 0.1])]
    )
    assert found.correctness == pytest.approx([1, 2 / 3, 0])


def test_forgetting_by_hand() -> None:
    """The first is learnt and kept, the second lost once, the third never learnt: it stands first."""
    found = count_forgetting(list(EPOCHS), LABELS)
    assert found.events.tolist() == [0, 1, 0]
    assert found.first_learnt.tolist() == [0, 0, -1]
    assert found.order.tolist() == [2, 1, 0]


def test_one_epoch_forgets_nothing() -> None:
    assert count_forgetting(EPOCHS[:1], LABELS).events.tolist() == [0, 0, 0]


def test_wrong_labels_stand_out(planted, precision) -> None:
    """Over epochs a skill grows; a wrong label pulls the other way throughout."""
    data = planted(41, skills=(0.5, 1.0, 2.0, 3.0))
    epochs = list(data.members.values())
    assert precision(-area_under_margin(epochs, data.given), data.wrong) > 0.85
    assert precision(-map_training(epochs, data.given).confidence, data.wrong) > 0.8


@pytest.mark.parametrize("measure", MEASURES)
def test_bad_input(measure: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="at least one epoch, got none"):
        measure([], LABELS)
    with pytest.raises(InputError, match="probabilities of 'epoch 1' must be at least 0"):
        measure([EPOCHS[0], EPOCHS[1] * 2], LABELS)
    with pytest.raises(InputError, match=r"epochs must all have shape \(3, 2\), one row a label, got \(2, 2\) at 1"):
        measure([EPOCHS[0], EPOCHS[1][:2]], LABELS)
    with pytest.raises(InputError, match=r"labels must be in 0..1"):
        measure(EPOCHS, LABELS + 1)
