"""Can examples of two samples be told apart, and can they still once one sample's pictures are negated?

    side[i] = 0 for the first sample, 1 for the second, predicted from the other examples' sides
    negated = low + high - picture,  low and high the first sample's range in each channel

Source: Lopez-Paz and Oquab 2017, Revisiting Classifier Two-Sample Tests.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assay.checks.experiments.association import Association, associate, input_views, leave_one_out

COMPARED = 128
CLEARLY_APART = 0.9


def told_apart(first: Tensor, second: Tensor, generator: torch.Generator) -> Association:
    """How well the sides of up to 128 examples each are predicted, beside permuted sides."""
    count = min(COMPARED, len(first), len(second))
    views = input_views([torch.cat([first[:count], second[:count]])], generator)
    side = torch.arange(2 * count)[:, None].ge(count).double()
    return associate(leave_one_out(views), side, generator)


def are_negatives(first: Tensor, second: Tensor, told: Association, generator: torch.Generator) -> bool:
    """Whether pictures that are clearly told apart as they are cannot be once the second are negated.

    Args:
        told: what `told_apart` says of them as they are.
    """
    if first.dim() != 4 or first.shape[1:] != second.shape[1:] or told.strength < CLEARLY_APART or not told.is_clear:
        return False
    ends = first.amin((0, 2, 3), keepdim=True) + first.amax((0, 2, 3), keepdim=True)
    return not told_apart(first, ends - second, generator).is_clear
