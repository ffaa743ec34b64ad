import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from assay.checks.shuffling import order_of


def by_class():
    inputs, labels = digits_like()
    order = labels.argsort(stable=True)
    return inputs[order], labels[order]


class Stream(IterableDataset):
    def __init__(self, inputs, labels) -> None:
        self.inputs, self.labels = inputs, labels

    def __iter__(self):
        return iter(zip(self.inputs, self.labels, strict=True))


class Noisy(Dataset):
    def __init__(self, inputs, labels) -> None:
        self.inputs, self.labels = inputs, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index):
        return self.inputs[index] + torch.randn(1, 8, 8), self.labels[index]


@pytest.mark.parametrize("make", [TensorDataset, Noisy, Stream])
def test_a_fixed_order_sorted_by_label_is_proved(run, make):
    generator = torch.Generator()
    (finding,) = run("shuffling", train_loader=DataLoader(make(*by_class()), 40, generator=generator))
    assert finding.level == "proved"
    assert "3 changes of label in 240 examples, where a random order has 180" in finding.summary
    assert finding.evidence["purity"] == pytest.approx(5 / 6)


def test_sorted_numbers_are_proved(verdict):
    inputs, _ = digits_like()
    given = {"model": small_network(1), "loss_fn": nn.MSELoss()}
    targets = torch.randn(240, 1).sort(0).values
    assert verdict("shuffling", train_loader=loader_of(inputs, targets, shuffle=False), **given) == "proved"


@pytest.mark.parametrize(
    "make",
    [
        lambda: loader_of(*digits_like()),
        lambda: loader_of(*by_class()),
        lambda: loader_of(*digits_like(), shuffle=False),
        lambda: [(i, t) for i, t in loader_of(*by_class(), shuffle=False)],
        lambda: DataLoader(TensorDataset(*by_class()), 240, generator=torch.Generator()),
        lambda: DataLoader(Stream(*digits_like()), 40, generator=torch.Generator()),
        lambda: loader_of(digits_like()[0], (torch.arange(240) % 60 == 0).long(), shuffle=False),
    ],
    ids=["shuffled", "sorted but shuffled", "mixed", "list", "one batch", "stream", "one class is rare"],
)
def test_harmless_orders_are_notes(verdict, make):
    assert verdict("shuffling", train_loader=make()) == "note"


def test_time_series_in_order_is_a_note(verdict):
    inputs, _ = digits_like()
    series = torch.randn(240, 1, generator=torch.Generator().manual_seed(0)).cumsum(0)
    given = {"model": small_network(1), "loss_fn": nn.MSELoss()}
    assert verdict("shuffling", train_loader=loader_of(inputs, series, shuffle=False), **given) == "note"


def test_changes_by_hand():
    order = order_of(torch.tensor([0, 0, 1, 1]), (2, 2))
    assert order.changes == 1
    assert order.expected == pytest.approx(3 * (1 - 4 / 12))
    assert order.purity == 1.0
