import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.checks.class_balance import is_one_class, unseen_classes


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


def loaders(train, validation):
    """Loaders of examples with these labels."""
    return {
        "train_loader": loader_of(digits_like(len(train))[0], train),
        "val_loader": loader_of(digits_like(len(validation), seed=1)[0], validation),
    }


FOUR = torch.arange(240) % 4


@pytest.mark.parametrize(
    ("train", "validation", "words"),
    [
        (torch.zeros(240).long(), FOUR[:80], "60 of 80 validation examples are of classes"),
        (torch.where(FOUR > 1, -100, FOUR), FOUR[:80], "40 of 80 validation examples are of classes"),
        (FOUR % 3, torch.full((80,), 3), "80 of 80 validation examples are of classes"),
        (FOUR, torch.full((80,), 3), "All 80 validation examples are of class 3, which is 25% of the training data"),
    ],
    ids=["constant", "half ignored", "split by class", "one class checked"],
)
def test_one_sided_labels_are_proved(run, train, validation, words):
    (finding,) = run("class_balance", **loaders(train, validation))
    assert finding.level == "proved"
    assert words in finding.summary
    assert finding.cause


def test_constant_labels_are_proved_without_validation(run):
    (finding,) = run("class_balance", train_loader=loader_of(digits_like()[0], torch.full((240,), 2)))
    assert finding.level == "proved"
    assert "All 240 training labels of two epochs are class 2" in finding.summary


def test_constant_binary_labels_are_proved(run):
    given = {"loss_fn": nn.BCEWithLogitsLoss(), "model": small_network(1)}
    labels = (torch.arange(80) % 2)[:, None].float()
    (finding,) = run("class_balance", **loaders(torch.zeros(240, 1), labels), **given)
    assert finding.evidence["unseen"] == {"1": 40}


def rare(count, of):
    return torch.where(torch.arange(of) < count, 3, torch.arange(of) % 3)


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        (FOUR, torch.arange(20) % 2),
        (FOUR % 3, rare(4, 80)),
        (rare(2, 240), FOUR[:80]),
        (rare(3, 240) // 3, torch.zeros(80).long()),
        (FOUR, torch.zeros(6).long()),
    ],
    ids=["fewer classes checked", "rare class missed", "rare class trained", "rare positives", "few checked"],
)
def test_what_a_split_may_do_by_chance_is_a_note(verdict, train, validation):
    assert verdict("class_balance", **loaders(train, validation)) == "note"


def test_dummy_labels_of_an_own_step_are_a_note(verdict):
    def step(model, batch, optimizer):
        return model(batch[0]).square().mean()

    loader = loader_of(digits_like()[0], torch.zeros(240).long())
    assert verdict("class_balance", train_loader=loader, training_step=step) == "note"


def test_chance_by_hand():
    trained, checked = torch.zeros(300).long(), torch.tensor([0] * 60 + [1] * 40)
    assert unseen_classes(trained, checked) == {1: 20}  # 2 * (100 / 400)^20 < 1e-6
    assert unseen_classes(trained, checked[:80]) == {1: 10}  # 2 * (80 / 380)^10 < 1e-6
    assert not unseen_classes(trained, checked[:72])  # 2 * (72 / 372)^6 > 1e-6
    assert is_one_class(torch.tensor([0, 1] * 50), torch.ones(40).long())  # 0.5^20 < 1e-6
    assert not is_one_class(torch.tensor([0, 1] * 50), torch.ones(38).long())
