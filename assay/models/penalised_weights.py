"""Which parameters a penalty on weights is about: those that multiply inputs, not biases or a norm's scales."""

from __future__ import annotations

from torch import nn


def multiplying_weights(model: nn.Module) -> list[nn.Parameter]:
    """Trainable parameters of two dimensions or more, each once: weights of linear layers and convolutions."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad and parameter.dim() > 1]
