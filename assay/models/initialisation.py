"""First weights of convolutions: a variance that neither grows nor shrinks through ReLU layers."""

from __future__ import annotations

from torch import nn


def initialise_convolutions(model: nn.Module) -> None:
    """Draw every convolution's weight from N(0, 2 / fan_out), from torch's global state; biases to 0.

    fan_out = output channels * kernel height * kernel width: without groups, keeps the variance of the gradient.

    Source: He et al. 2015 (arXiv:1502.01852), section 2.2, equation 14.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
