import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.checks.losses.loss_calls import LossCalls, are_plain_probabilities

SCORES = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
TARGETS = torch.full((6, 4), 0.25)


def test_calls_are_seen_through_modules_and_keywords():
    with LossCalls() as calls:
        nn.KLDivLoss(reduction="batchmean")(SCORES.log_softmax(1), TARGETS)
        F.nll_loss(input=SCORES, target=torch.zeros(6, dtype=torch.long))
        F.cross_entropy(SCORES, TARGETS)
    assert [name for name, _ in calls.given] == ["KLDivLoss", "NLLLoss"]
    assert torch.equal(calls.given[1][1], SCORES)


def test_values_are_as_without_watching():
    expected = F.kl_div(SCORES.log_softmax(1), TARGETS, reduction="sum")
    with LossCalls():
        assert torch.equal(F.kl_div(SCORES.log_softmax(1), TARGETS, reduction="sum"), expected)


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (SCORES.softmax(1), True),
        (SCORES.reshape(2, 3, 4).softmax(-1), True),
        (SCORES.reshape(2, 3, 4).softmax(1), True),
        (SCORES.log_softmax(1), False),
        (SCORES, False),
        (SCORES.sigmoid(), False),
        (torch.zeros(6, 4), False),
        (torch.ones(6, 1), False),
        (torch.ones(4), False),
    ],
)
def test_probabilities_are_no_logarithms(outputs, expected):
    assert are_plain_probabilities(outputs) is expected
