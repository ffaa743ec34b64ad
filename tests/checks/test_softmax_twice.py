import math

import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn


def test_raw_scores_pass(verdict):
    assert verdict("softmax_twice") == "note"


@pytest.mark.parametrize("loss_fn", [nn.CrossEntropyLoss(), nn.CrossEntropyLoss(label_smoothing=0.1)])
def test_softmax_before_cross_entropy_is_proved(run, loss_fn):
    (finding,) = run("softmax_twice", model=small_network().append(nn.Softmax(1)), loss_fn=loss_fn)
    assert finding.level == "proved"
    assert "softmax at the end of the model" in finding.cause
    assert f"stays at {math.log(1 + 3 / math.e):.2f} nats of 1.39" in finding.summary


def test_scores_that_happen_to_sum_to_one_pass(run):
    model = small_network()
    with torch.no_grad():
        model[-1].weight.zero_()
        model[-1].bias.fill_(0.25)
    (finding,) = run("softmax_twice", model=model)
    assert finding.level == "note"


def test_log_softmax_before_cross_entropy_is_harmless(run):
    (finding,) = run("softmax_twice", model=small_network().append(nn.LogSoftmax(1)))
    assert finding.level == "note"
    assert "log-probabilities already" in finding.summary


def binary(model, columns=1):
    inputs, labels = digits_like()
    targets = torch.stack([labels % 2, labels // 2], 1).float()[:, :columns]
    return {"model": model, "train_loader": loader_of(inputs, targets), "loss_fn": nn.BCEWithLogitsLoss()}


@pytest.mark.parametrize("columns", [1, 2])
def test_sigmoid_before_a_loss_with_a_sigmoid_is_proved(run, columns):
    (finding,) = run("softmax_twice", **binary(small_network(columns).append(nn.Sigmoid()), columns))
    assert finding.level == "proved"
    assert "A sigmoid at the end" in finding.cause


def test_raw_binary_scores_pass(verdict):
    assert verdict("softmax_twice", **binary(small_network(1))) == "note"


def test_scores_along_a_sequence(verdict):
    class Tagger(nn.Module):
        def __init__(self, last: nn.Module) -> None:
            super().__init__()
            self.embedding, self.head, self.last = nn.Embedding(9, 8), nn.Linear(8, 5), last

        def forward(self, words):
            return self.last(self.head(self.embedding(words))).transpose(1, 2)

    words = torch.randint(9, (80, 6), generator=torch.Generator().manual_seed(0))
    loader = loader_of(words, words % 5)
    assert verdict("softmax_twice", model=Tagger(nn.Identity()), train_loader=loader) == "note"
    assert verdict("softmax_twice", model=Tagger(nn.Softmax(-1)), train_loader=loader) == "proved"


def test_a_loss_without_a_softmax_is_skipped(run):
    model = small_network().append(nn.LogSoftmax(1))
    assert "not known to apply" in run("softmax_twice", model=model, loss_fn=nn.NLLLoss()).reason
