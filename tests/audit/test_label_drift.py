"""Class counts that differ between splits, beside an independent test of them."""

import numpy as np
import pytest
import torch
from scipy.stats import chi2_contingency

from assay.audit.inspect import inspect
from assay.audit.label_drift import chance_of_counts, find_label_drift
from assay.data.data import Data
from assay.finding import Finding

SIZES = (600, 200, 200)


def told(data: Data) -> dict[str, Finding]:
    return {finding.id: finding for finding in find_label_drift(data)}


def labelled(make_data, labels: torch.Tensor, sizes: tuple[int, ...] = SIZES, classes: int | None = None) -> Data:
    return make_data(torch.zeros(len(labels), 2), labels, sizes=sizes, classes=classes)


def test_the_chance_of_counts_is_that_of_a_chi_squared_test() -> None:
    first, second = np.array([100, 200, 300]), np.array([60, 60, 80])
    expected = tuple(chi2_contingency(np.stack([first, second])))[1]
    assert chance_of_counts(first, second) == pytest.approx(float(expected))


def test_rare_classes_are_taken_together() -> None:
    first, second = np.array([300, 300, 2, 1, 2, 0]), np.array([100, 100, 1, 2, 0, 0])
    expected = tuple(chi2_contingency([[300, 300, 5], [100, 100, 3]]))[1]
    assert chance_of_counts(first, second) == pytest.approx(float(expected))
    assert chance_of_counts(first, np.zeros(6, dtype=int)) == 1.0


def test_counts_of_one_distribution_seldom_have_a_small_chance() -> None:
    draw = np.random.default_rng(412)
    shares = draw.dirichlet(np.ones(30))
    chances = [chance_of_counts(draw.multinomial(600, shares), draw.multinomial(200, shares)) for _ in range(1_000)]
    assert np.mean(np.array(chances) < 0.05) < 0.07


def test_a_split_with_other_shares_is_suspect_with_its_class(make_data) -> None:
    labels = torch.arange(1000) % 4
    labels[800:] = torch.tensor([0, 0, 0, 1, 2, 3, 1, 2]).repeat(25)
    finding = told(labelled(make_data, labels))["label_drift"]
    assert finding.level == "suspect"
    assert finding.summary == (
        "In test the classes lie otherwise than in train: distance 0.12, class 0 37.5% against 25.0% (n=200)."
    )


def test_a_small_sure_difference_is_a_note(make_data) -> None:
    labels = torch.cat([torch.arange(20_000) % 2, (torch.arange(8_000) % 20 >= 9).long()])
    finding = told(labelled(make_data, labels, (20_000, 4_000, 4_000)))["label_drift"]
    assert (finding.level, finding.fix) == ("note", "")


def test_a_class_that_a_split_lacks_is_named(make_data) -> None:
    labels = torch.arange(1000) % 10
    labels[800:][labels[800:] == 7] = 3
    found = told(labelled(make_data, labels))
    assert found["classes_missing_in_test"].evidence["classes"] == ["class 7"]
    assert found["classes_missing_in_test"].level == "suspect"


def test_a_rare_class_may_well_be_missing(make_data) -> None:
    labels = torch.arange(1000) % 2
    labels[:3] = 2
    assert told(labelled(make_data, labels)) == {}


def test_a_target_that_lies_otherwise_is_suspect(make_data) -> None:
    targets = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    assert told(labelled(make_data, targets)) == {}
    targets[800:] += 1.0
    finding = told(labelled(make_data, targets))["label_drift"]
    assert finding.summary.startswith("In test the target lies otherwise than in train: distance 0.")
    assert finding.level == "suspect"


def test_random_splits_of_many_classes_are_quiet(make_data) -> None:
    generator = torch.Generator().manual_seed(413)
    print("seed 413")
    for _ in range(30):
        labels = torch.randint(0, 40, (1000,), generator=generator)
        assert told(labelled(make_data, labels, classes=40)) == {}


def test_labels_that_are_no_class_and_small_splits_are_left_out(make_data) -> None:
    labels = torch.arange(1000) % 2
    labels[900] = 9
    assert told(labelled(make_data, labels, classes=2)) == {}
    assert told(labelled(make_data, (torch.arange(60) >= 51).long(), (42, 9, 9), 2)) == {}


def test_twenty_of_one_class_are_told_and_random_small_splits_are_quiet(make_data) -> None:
    labels = torch.arange(160) % 4
    labels[140:] = 3
    assert "label_drift" in told(labelled(make_data, labels, (120, 20, 20)))
    generator = torch.Generator().manual_seed(414)
    print("seed 414")
    for _ in range(100):
        drawn = torch.randint(0, 6, (144,), generator=generator)
        assert told(labelled(make_data, drawn, (120, 12, 12), 6)) == {}


def test_an_inspection_tells_it(make_data) -> None:
    labels = torch.cat([torch.arange(800) % 2, torch.zeros(200, dtype=torch.int64)])
    inputs = torch.randn(1000, 2, generator=torch.Generator().manual_seed(2))
    alerts = {alert.id for alert in inspect(make_data(inputs, labels, sizes=SIZES)).alerts}
    assert alerts == {"label_drift", "classes_missing_in_test"}
