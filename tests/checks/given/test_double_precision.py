"""Trees and losses in double precision."""

from __future__ import annotations

import torch
from torch import nn

from assay.checks.given.double_precision import in_double, loss_in_double


def test_numbers_are_doubled_and_words_and_masks_stay():
    batch = in_double(({"x": torch.ones(2), "words": torch.ones(2).long()}, torch.ones(2).bool()))
    assert [batch[0]["x"].dtype, batch[0]["words"].dtype, batch[1].dtype] == [torch.float64, torch.int64, torch.bool]


def test_the_weights_of_a_loss_are_doubled_in_a_copy():
    loss_fn = nn.CrossEntropyLoss(weight=torch.ones(3))
    doubled = loss_in_double(loss_fn)
    assert doubled.weight.dtype == torch.float64
    assert loss_fn.weight is not None
    assert loss_fn.weight.dtype == torch.float32


def test_a_function_is_left_as_it_is():
    assert loss_in_double(nn.functional.mse_loss) is nn.functional.mse_loss
