"""Labels in the order of the source: runs by enumeration, class after class, stretches, and an order by chance."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import torch

from assay.audit.counts import splits_of
from assay.audit.dependence.label_order import count_runs, describe_label_order
from assay.audit.scan import scan
from assay.data.data import Data
from assay.finding import Finding


def told(data: Data) -> list[Finding]:
    return describe_label_order(data, {name: scan(split) for name, split in splits_of(data).items()})


def in_rows(data: Data, order: np.ndarray) -> Data:
    rows = iter(order.tolist())
    return replace(data, **{name: replace(split, ids=tuple(f"row {next(rows) + 1}" for _ in range(len(split))))
                            for name, split in splits_of(data).items()})  # fmt: skip


def drawn(make_data, labels: np.ndarray, seed: int = 0) -> Data:
    order = np.random.default_rng(seed).permutation(len(labels))
    return in_rows(make_data(torch.zeros(len(labels), 1), torch.from_numpy(labels[order]), classes=5), order)


def test_runs_by_enumeration_of_all_orders() -> None:
    labels = [0, 0, 0, 1, 1, 2]
    orders = np.array(sorted(set(permutations(labels))))
    runs = 1 + (orders[:, 1:] != orders[:, :-1]).sum(1)
    found, expected, variance = count_runs(np.array([0, 1, 0, 0, 2, 1]))
    assert (found, expected) == (5.0, pytest.approx(runs.mean()))
    assert variance == pytest.approx(runs.var())
    assert count_runs(np.array([3])) == (1.0, 1.0, 0.0)


def test_labels_class_after_class_are_a_note(make_data) -> None:
    (finding,) = told(drawn(make_data, np.repeat(np.arange(4), 50)))
    assert finding.level == "note"
    assert finding.summary == (
        "In the source's order labels do not follow at random but sorted by class: 4 stretches of equal labels, "
        "151 expected (n=200). Assay's splits and batches are drawn at random."
    )


def test_stretches_of_a_label_are_a_note(make_data) -> None:
    (finding,) = told(drawn(make_data, np.tile(np.repeat(np.arange(4), 5), 10)))
    assert "but in stretches: 40 stretches" in finding.summary


def test_labels_at_random_and_by_turns_are_quiet(make_data, make_table, make_images) -> None:
    print("seeds 461 to 499")
    for seed in range(461, 500):
        labels = np.random.default_rng(seed).integers(0, 5, 200)
        assert told(drawn(make_data, labels, seed)) == []
    assert told(make_table(0)) == []


def test_class_folders_and_numbers_to_predict_are_not_asked(make_data) -> None:
    data = drawn(make_data, np.repeat(np.arange(4), 50))
    paths = {
        name: replace(split, ids=tuple(f"class/{one}" for one in split.ids)) for name, split in splits_of(data).items()
    }
    assert told(replace(data, **paths)) == []
    assert told(make_data(torch.zeros(200, 1), torch.linspace(0, 1, 200))) == []
