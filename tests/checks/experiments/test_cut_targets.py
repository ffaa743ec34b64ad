"""Real targets that lost their fractions in training."""

import torch
from check_programs import loader_of
from torch import nn

from assay.checks.experiments.cut_targets import compare


def regression(trained, checked):
    inputs = torch.randn(240, 5, generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.Linear(5, 1), nn.Flatten(0))
    train, validation = loader_of(inputs[: len(trained)], trained), loader_of(inputs[: len(checked)], checked)
    return {"model": model, "train_loader": train, "val_loader": validation, "loss_fn": nn.MSELoss()}


def shares(count, seed=1):
    return torch.rand(count, generator=torch.Generator().manual_seed(seed))


def test_targets_cut_in_training_are_suspect(run):
    (finding,) = run("labels_valid", **regression(shares(160).long().float(), shares(80, seed=2)))
    assert finding.level == "suspect"
    assert "All 160 training targets are whole numbers (1 different ones), and 80 of 80" in finding.summary


def test_targets_alike_on_both_sides_pass(verdict):
    whole = (10 * shares(240)).round()
    assert verdict("labels_valid", **regression(shares(160), shares(80, seed=2))) == "note"
    assert verdict("labels_valid", **regression(whole[:160], whole[160:])) == "note"
    assert verdict("labels_valid", **regression(shares(160), whole[160:])) == "note"  # mixed in training only


def test_chance_by_hand():
    whole = torch.zeros(100)
    few, many = whole.clone(), whole.clone()
    few[:19] = 0.5  # (100 / 200) ** 19 > 1e-6 > (100 / 200) ** 20
    many[:20] = 0.5
    assert compare(whole, few) is None
    assert compare(whole, many) is not None
