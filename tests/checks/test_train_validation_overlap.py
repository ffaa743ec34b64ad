import torch
from check_programs import digits_like, loader_of
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

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


def test_without_a_validation_loader_it_is_skipped(run):
    assert "no val_loader" in run("train_validation_overlap").reason
