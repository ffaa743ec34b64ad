"""The size of a network: parameters, and multiply-adds for one example.

A multiply-add is one product added to a sum, so a convolution's are its weights times the pixels it
makes. Convolutions, linear and recurrent layers and attention are counted; norms, activations, pools
and biases are not, as in the tables of published networks.

Source: He et al. 2018 (arXiv:1812.01187), table 5, whose column "FLOPs" counts multiply-adds.
"""

from __future__ import annotations

import copy

import torch
from torch import nn


def count_parameters(model: nn.Module) -> int:
    """Numbers that training may change; a weight that two layers share counts once."""
    return sum(parameter.numel() for parameter in model.parameters())


def count_multiply_adds(model: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Multiply-adds of one example's way through `model` in evaluation mode.

    The model stays as it is: PyTorch's own counter follows the shapes through a copy without values.
    """
    # Imported here: it pulls in a large part of PyTorch that training does not need.
    from torch.utils.flop_counter import FlopCounterMode

    shapes = copy.deepcopy(model).to("meta").eval()
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        shapes(torch.zeros(1, *input_shape, device="meta"))
    return counter.get_total_flops() // 2
