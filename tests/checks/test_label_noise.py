import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.checks.experiments.cross_prediction import Agreement
from assay.checks.label_noise import neighbour_votes, says_less


def test_clean_labels_agree_with_their_neighbours(run):
    (finding,) = run("label_noise")
    assert finding.level == "note"
    assert finding.evidence["contradicted"] == 0
    assert finding.evidence["disagreement"] < 0.02
    assert not finding.cause


def test_equal_inputs_with_other_labels_are_counted(run):
    inputs, labels = digits_like()
    inputs[1::2] = inputs[::2]
    (finding,) = run("label_noise", train_loader=loader_of(inputs, labels))
    assert finding.level == "note"
    assert finding.evidence["contradicted"] == 240
    assert finding.cause


def test_wrong_labels_disagree_with_their_neighbours(run):
    inputs, labels = digits_like()
    labels[:24] = (labels[:24] + 1) % 4
    (finding,) = run("label_noise", train_loader=loader_of(inputs, labels, shuffle=False))
    assert 0.08 < finding.evidence["disagreement"] < 0.13
    assert set(finding.evidence["against_all_neighbours"]) <= set(range(24))
    assert len(finding.evidence["against_all_neighbours"]) >= 8


def test_votes_by_hand():
    columns = torch.tensor([[0.0], [0.1], [0.2], [0.3], [0.4], [0.5]])
    disagree, unanimous = neighbour_votes(columns, torch.tensor([1, 0, 0, 0, 0, 0]))
    assert disagree.tolist() == [True] + 5 * [False]
    assert unanimous.tolist() == [True] + 5 * [False]


def test_regression_is_skipped(run):
    inputs, _ = digits_like(80)
    given = {"loss_fn": nn.MSELoss(), "model": small_network(1), "train_loader": loader_of(inputs, torch.randn(80, 1))}
    assert "not one class" in run("label_noise", **given).reason


SEED = 2


@pytest.mark.parametrize(("wrong", "level"), [(0.0, "note"), (0.1, "note"), (0.3, "note"), (0.75, "suspect")])
def test_labels_that_validation_contradicts_are_suspect(run, wrong, level):
    torch.manual_seed(SEED)
    (inputs, labels), validation = digits_like(480), loader_of(*digits_like(200, seed=1))
    labels = torch.where(torch.rand(480) < wrong, torch.randint(4, (480,)), labels)
    (finding,) = run("label_noise", train_loader=loader_of(inputs, labels), val_loader=validation)
    assert finding.level == level, SEED
    if level == "suspect":
        assert finding.evidence["kappa"] < 0.5 < 0.9 < finding.evidence["kappa_validation"]
        assert "drawn at random" in finding.cause


def test_noise_on_both_sides_is_a_note(run):
    torch.manual_seed(SEED)
    loaders = {}
    for name, count, seed in (("train_loader", 480, 0), ("val_loader", 200, 1)):
        inputs, labels = digits_like(count, seed=seed)
        loaders[name] = loader_of(inputs, torch.where(torch.rand(count) < 0.7, torch.randint(4, (count,)), labels))
    assert run("label_noise", **loaders)[0].level == "note", SEED


def test_training_that_cannot_be_read_is_no_noise_of_labels(run):
    torch.manual_seed(SEED)
    inputs, labels = digits_like(480)
    train = loader_of(inputs + 60 * torch.randn(inputs.shape), labels)
    assert run("label_noise", train_loader=train, val_loader=loader_of(*digits_like(200, seed=1)))[0].level == "note"


def test_labels_say_less_beyond_doubt_only():
    hard = Agreement(kappa=0.76, error=0.04, examples=110)  # inputs need not tell every class
    assert says_less(Agreement(0.25, 0.04, 210), hard)
    assert not says_less(Agreement(0.35, 0.04, 210), hard)  # 0.51 - 0.35 is 3.3 errors
    assert not says_less(Agreement(0.25, 0.1, 30), hard)
