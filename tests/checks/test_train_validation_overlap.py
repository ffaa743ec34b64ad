import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from assay.checks.experiments.chance_of_equals import (
    chance_of_repeats,
    follows_from_binary,
    level_of,
    one_hot_blocks,
)
from assay.figure import Images


def test_separate_examples_pass(run):
    (finding,) = run("train_validation_overlap", val_loader=loader_of(*digits_like(seed=1)))
    assert finding.level == "note"
    assert finding.evidence["train_examples"] == finding.evidence["validation_examples"] == 240


def test_leaked_examples_are_proved_with_indices_and_pictures(run):
    inputs, labels = digits_like()
    others, other_labels = digits_like(seed=1)
    others[[3, 70]] = inputs[[200, 11]]
    (finding,) = run(
        "train_validation_overlap", train_loader=loader_of(inputs, labels), val_loader=loader_of(others, other_labels)
    )
    assert finding.level == "proved"
    assert finding.evidence["pairs"] == [{"validation": 3, "train": 200}, {"validation": 70, "train": 11}]
    assert isinstance(finding.figures[0], Images)
    assert finding.figures[0].captions[0] == "validation 3 = train 200"


def test_subsets_that_share_indices_are_proved(run):
    whole = TensorDataset(*digits_like())
    train = DataLoader(Subset(whole, range(0, 200)), batch_size=16, shuffle=True, generator=torch.Generator())
    validation = DataLoader(Subset(whole, range(190, 240)), batch_size=16)
    (finding,) = run("train_validation_overlap", train_loader=train, val_loader=validation)
    assert finding.level == "proved"
    assert finding.evidence["overlap"] == 10


def test_lists_of_batches_are_read_too(run):
    inputs, labels = digits_like(80)
    (finding,) = run(
        "train_validation_overlap", train_loader=[(inputs, labels)], val_loader=[(inputs[40:44], labels[40:44])]
    )
    assert finding.evidence["pairs"][0] == {"validation": 0, "train": 40}


def test_inputs_that_repeat_by_nature_are_a_note(verdict):
    def few_values(seed):
        return torch.randint(0, 3, (240, 3), generator=torch.Generator().manual_seed(seed)).float()

    labels = torch.arange(240) % 4
    given = {"model": nn.Linear(3, 4), "train_loader": loader_of(few_values(0), labels)}
    assert verdict("train_validation_overlap", val_loader=loader_of(few_values(1), labels), **given) == "note"


def test_rows_of_measurements_that_repeat_within_training_too_are_proved(run):
    """Rows were copied before the split: 20 of 120 are copies, so training repeats itself as well."""
    rows = torch.randn(100, 6, generator=torch.Generator().manual_seed(0))
    table = torch.cat([rows, rows[:20]])[torch.randperm(120, generator=torch.Generator().manual_seed(1))]
    given = {"model": nn.Linear(6, 4), "train_loader": loader_of(table[:96], torch.arange(96) % 4)}
    (finding,) = run("train_validation_overlap", val_loader=loader_of(table[96:], torch.arange(24) % 4), **given)
    assert finding.evidence["repeated_share_of_train"] > 0.1
    assert finding.level == "proved"


def test_coarse_categories_may_meet(verdict):
    def table(seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.cat([torch.eye(5)[torch.randint(5, (240,), generator=generator)] for _ in range(3)], 1)

    given = {"model": nn.Linear(15, 4), "train_loader": loader_of(table(0), torch.arange(240) % 4)}
    assert verdict("train_validation_overlap", val_loader=loader_of(table(1), torch.arange(240) % 4), **given) == "note"


def test_short_words_may_meet(verdict):
    def words(seed):
        return torch.randint(3, (80, 3), generator=torch.Generator().manual_seed(seed))

    model = nn.Sequential(nn.Embedding(3, 4), nn.Flatten(), nn.Linear(12, 4))
    given = {"model": model, "train_loader": loader_of(words(0), torch.arange(80) % 4)}
    assert verdict("train_validation_overlap", val_loader=loader_of(words(1), torch.arange(80) % 4), **given) == "note"


def test_levels_by_hand():
    assert level_of(0.0, (2, 16), (15, 120)) == "proved"
    assert level_of(3.0, (2, 16), (15, 120)) == "note"
    assert level_of(3.0, (80, 100), (10, 100)) == "suspect"
    assert level_of(None, (2, 16), (15, 120)) == "note"
    assert level_of(None, (12, 16), (15, 120)) == "proved"
    # phrases recur in a text: 3 of 150 against 2 of 600 comes about once in 20 splits
    assert level_of(None, (3, 150), (2, 600)) == "note"
    assert level_of(None, (30, 150), (2, 600)) == "proved"


def test_chance_of_repeats_by_hand():
    # Of 4 rows 2 repeat; both of them on the side of the 2: 1 of 6 ways.
    assert chance_of_repeats((2, 2), (0, 2)) == pytest.approx(1 / 6)
    assert chance_of_repeats((0, 2), (2, 2)) == pytest.approx(1.0)


def test_columns_of_a_category_belong_together():
    categories = torch.cat([torch.eye(3), torch.eye(3).roll(1, 0), torch.tensor([[0.1], [0.2], [0.3]])], 1)
    assert one_hot_blocks(categories.double()) == [[0, 1, 2], [3, 4, 5], [6]]


def test_without_a_validation_loader_it_is_skipped(run):
    assert "no val_loader" in run("train_validation_overlap").reason


class Noisy(Dataset):
    """A data set with augmentation around another one."""

    def __init__(self, dataset) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index):
        inputs, label = self.dataset[index]
        return inputs + torch.randn(1, 8, 8), label


def test_rows_that_augmentation_hides_are_proved_by_their_index(run):
    whole, generator = TensorDataset(*digits_like()), torch.Generator()
    train = DataLoader(Noisy(Subset(whole, range(200))), batch_size=16, shuffle=True, generator=generator)
    validation = DataLoader(Subset(whole, range(190, 240)), batch_size=16)
    (finding,) = run("train_validation_overlap", train_loader=train, val_loader=validation)
    assert finding.level == "proved"
    assert finding.evidence["overlap"] == 10
    assert finding.evidence["pairs"][0] == {"validation": 0, "train": 190}
    apart = DataLoader(Noisy(Subset(whole, range(200, 240))), batch_size=16)
    (finding,) = run("train_validation_overlap", train_loader=train, val_loader=apart)
    assert finding.level == "note"


def test_items_that_are_paired_when_put_together_are_read_as_batches(run):
    def pair(items):
        inputs = torch.stack([item[0] for item in items])
        return inputs, (inputs.mean((1, 2, 3)) > 0).long()

    inputs, _ = digits_like()
    loaders = [DataLoader(TensorDataset(part), 16, collate_fn=pair) for part in (inputs[:200], inputs[195:])]
    loaders[0].generator = torch.Generator()
    (finding,) = run("train_validation_overlap", train_loader=loaders[0], val_loader=loaders[1])
    assert finding.evidence["overlap"] == 5


class OfGraph(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 4)

    def forward(self, degrees, edges):
        return (edges @ self.layer(degrees)).mean(1)


def graphs(count, seed, nodes=5):
    """(degree, edges) of random graphs."""
    generator = torch.Generator().manual_seed(seed)
    edges = (torch.rand(count, nodes, nodes, generator=generator) < 0.5).float().triu(1)
    edges = edges + edges.transpose(1, 2)
    return (edges.sum(2, keepdim=True) / 5, edges), torch.arange(count) % 4


def graph_batches(given, labels):
    return [(tuple(part[k : k + 50] for part in given), labels[k : k + 50]) for k in range(0, len(labels), 50)]


def test_small_graphs_of_several_tensors_may_meet(verdict):
    given = {"model": OfGraph(), "train_loader": graph_batches(*graphs(200, 0))}
    assert verdict("train_validation_overlap", val_loader=graph_batches(*graphs(50, 1)), **given) == "note"


def test_large_graphs_that_are_copied_are_proved(run):
    given, labels = graphs(200, 0, nodes=12)
    copied = tuple(part[:20] for part in given), labels[:20]
    program = {"model": OfGraph(), "train_loader": graph_batches(given, labels)}
    (finding,) = run("train_validation_overlap", val_loader=graph_batches(*copied), **program)
    assert finding.level == "proved"
    assert finding.evidence["overlap"] == 20


def test_all_of_an_item_is_compared_where_all_of_it_becomes_inputs(run):
    """Graphs of equal degrees are other graphs: items are (degrees, edges, label), and inputs their first two."""

    def pair(items):
        degrees, edges, labels = (torch.stack(part) for part in zip(*items, strict=True))
        return (degrees, edges), labels

    (degrees, edges), labels = graphs(80, 0, nodes=12)
    turned = degrees.flip(1), edges.flip(1, 2)
    others = TensorDataset(degrees[:20], turned[1][:20], labels[:20])
    loaders = [DataLoader(data, 16, collate_fn=pair) for data in (TensorDataset(degrees, edges, labels), others)]
    loaders[0].generator = torch.Generator()
    (finding,) = run("train_validation_overlap", model=OfGraph(), train_loader=loaders[0], val_loader=loaders[1])
    assert finding.evidence["overlap"] == 0


def test_batches_padded_to_their_longest_are_pooled(verdict):
    def padded(count, seed):
        batches = graph_batches(*graphs(count, seed))
        return [
            (tuple(F.pad(part, (0, 0, 0, number % 2)) for part in given), labels)
            for number, (given, labels) in enumerate(batches)
        ]

    class OfLonger(OfGraph):
        def forward(self, degrees, edges):
            return self.layer(degrees).mean(1) + edges.mean((1, 2))[:, None]

    given = {"model": OfLonger(), "train_loader": padded(200, 0)}
    assert verdict("train_validation_overlap", val_loader=padded(50, 1), **given) == "note"


def test_pictures_do_not_follow_from_their_masks():
    generator = torch.Generator().manual_seed(0)
    masks = torch.eye(4)[torch.randint(4, (40,), generator=generator)].reshape(40, 1, 2, 2)
    pictures = torch.rand(40, 1, 2, 2, generator=generator)
    assert not follows_from_binary([pictures, masks])
    assert follows_from_binary([3 * masks + masks.flip(-1), masks])
    assert not follows_from_binary([pictures])
