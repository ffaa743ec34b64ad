import math

import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn


def test_default_bias_passes(verdict):
    assert verdict("output_bias") == "note"


def test_bias_that_favours_a_rare_class_is_suspect(run):
    model = small_network()
    with torch.no_grad():
        model[-1].bias[2] = 12.0
    (finding,) = run("output_bias", model=model)
    assert finding.level == "suspect"
    assert "favour class 2, which is 25.0% of the labels" in finding.summary


def test_imbalance_is_a_note_with_what_a_bias_would_save(run):
    inputs, _ = digits_like()
    labels = (torch.arange(240) % 10 == 0).long()
    (finding,) = run("output_bias", model=small_network(2), train_loader=loader_of(inputs, labels))
    assert finding.level == "note"
    prior = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    assert finding.evidence["loss_at_frequencies"] == pytest.approx(prior)
    assert "would start" in finding.fix


def test_regression_far_from_zero_is_a_note_with_advice(run):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] + 200
    given = {"model": small_network(1), "train_loader": loader_of(inputs, targets), "loss_fn": nn.MSELoss()}
    (finding,) = run("output_bias", **given)
    assert finding.level == "note"
    assert finding.evidence["mean_target"] == pytest.approx(201.5)
    assert "bias to their mean" in finding.fix
