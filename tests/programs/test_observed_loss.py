import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.programs.observed_loss import observe_loss

OUTPUTS = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(6) % 4
FLOATS = torch.rand(6, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("loss_fn", "targets"),
    [
        (nn.CrossEntropyLoss(label_smoothing=0.1, weight=torch.tensor([1.0, 2.0, 3.0, 4.0])), LABELS),
        (lambda outputs, labels: F.nll_loss(outputs, labels, None, None, 2), LABELS),
        (nn.BCEWithLogitsLoss(pos_weight=torch.full((4,), 3.0)), FLOATS),
        (nn.SmoothL1Loss(beta=0.3), FLOATS),
        (nn.MSELoss(reduction="sum"), FLOATS),
    ],
    ids=["cross entropy", "positional arguments", "binary", "smooth", "sum"],
)
def test_found_loss_has_the_value_of_the_own_one_on_other_outputs(loss_fn, targets):
    found = observe_loss(lambda: loss_fn(OUTPUTS, targets), OUTPUTS)
    assert found is not None
    other = OUTPUTS * 3 - 1
    assert torch.equal(found(other, targets), loss_fn(other, targets))


def test_a_loss_of_other_outputs_or_with_more_in_it_is_not_taken_for_it():
    assert observe_loss(lambda: F.cross_entropy(OUTPUTS * 2, LABELS), OUTPUTS) is None
    assert observe_loss(lambda: F.cross_entropy(OUTPUTS, LABELS) + OUTPUTS.square().mean(), OUTPUTS) is None
    assert observe_loss(lambda: (OUTPUTS - FLOATS).square().mean(), OUTPUTS) is None
