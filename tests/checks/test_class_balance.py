import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn


def test_counts_are_exact(run):
    inputs, _ = digits_like(100)
    labels = torch.tensor([0] * 90 + [1] * 6 + [3] * 4)
    (finding,) = run("class_balance", train_loader=loader_of(inputs, labels))
    assert finding.level == "note"
    assert finding.evidence["counts"] == [90, 6, 0, 4]
    assert "the rarest (2) has 0, the commonest (0) 90" in finding.summary
    assert finding.fix
    assert finding.figures[0].values == (90, 6, 0, 4)


def test_balanced_classes_have_the_entropy_of_their_number(run):
    (finding,) = run("class_balance")
    assert abs(finding.evidence["entropy_nats"] - torch.tensor(4.0).log().item()) < 1e-6
    assert not finding.fix


def test_binary_and_multiple_labels(run):
    inputs, labels = digits_like(80)
    several = torch.stack([labels == 0, labels < 3], 1).float()
    given = {"loss_fn": nn.BCEWithLogitsLoss(), "model": small_network(2)}
    (finding,) = run("class_balance", train_loader=loader_of(inputs, several), **given)
    assert finding.evidence["counts"] == [20, 60]
    given = {"loss_fn": nn.BCEWithLogitsLoss(), "model": small_network(1)}
    (finding,) = run("class_balance", train_loader=loader_of(inputs, several[:, :1]), **given)
    assert finding.evidence["counts"] == [60, 20]


def test_labels_along_a_sequence(run):
    words = torch.randint(5, (80, 6))
    given = {"model": nn.Sequential(nn.Embedding(5, 8), nn.Linear(8, 5)), "train_loader": loader_of(words, words)}
    (finding,) = run("class_balance", loss_fn=lambda o, t: nn.functional.cross_entropy(o.transpose(1, 2), t), **given)
    assert finding.evidence["counts"] == torch.bincount(words.flatten(), minlength=5).tolist()


def test_regression_is_skipped(run):
    inputs, _ = digits_like(80)
    given = {"loss_fn": nn.MSELoss(), "model": small_network(1), "train_loader": loader_of(inputs, torch.randn(80, 1))}
    assert "not one of classes" in run("class_balance", **given).reason
