"""Whitening: values of one vector made uncorrelated and of variance 1, by a fixed linear map.

    covariance = U diag(eigenvalues) U'
    pca  matrix = diag(1 / sqrt(eigenvalues + eps)) U'         by falling eigenvalue
    zca  matrix = U diag(1 / sqrt(eigenvalues + eps)) U'       the whitening that moves inputs least
    outputs     = matrix (inputs - mean)

With shrinkage the covariance of few examples, which has directions no example went, is first drawn towards a
multiple of the identity, (1 - share) covariance + share trace / values I, by the share of Ledoit & Wolf 2004.

Source: Krizhevsky 2009, "Learning multiple layers of features", appendix A; Ledoit & Wolf 2004.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.errors import InputError
from assay.models.input_layers import inputs_of

Form = Literal["pca", "zca"]
LARGEST = 4096
"""Values of an input; the matrix has this many squared, 64 MiB."""


def whitening_map(
    rows: Float[Tensor, "n values"], *, form: Form, eps: float, shrink: bool
) -> tuple[Float[Tensor, " values"], Float[Tensor, "values values"]]:
    """Mean and matrix, in 64 bits; the same on every machine up to rounding.

    Raises:
        InputError: fewer than two rows have no covariance.
    """
    if len(rows) < 2:
        raise InputError(f"whitening must be fitted on two examples at least, got {len(rows)}; use a larger batch_size")
    rows = rows.double().cpu()
    mean = rows.mean(0)
    covariance = (rows - mean).T @ (rows - mean) / len(rows)
    if shrink:
        share = shrinkage(rows)
        identity = torch.eye(rows.shape[1], dtype=torch.float64)
        covariance = (1.0 - share) * covariance + share * covariance.diagonal().mean() * identity
    eigenvalues, eigenvectors = torch.linalg.eigh(covariance)
    components = with_fixed_signs(eigenvectors.flip(1).T)
    # Rounding leaves eigenvalues of 0 a little negative.
    scaled = components / (eigenvalues.flip(0).clamp(min=0.0) + eps).sqrt().unsqueeze(1)
    return mean, scaled if form == "pca" else components.T @ scaled


def shrinkage(rows: Float[Tensor, "n values"]) -> float:
    """Ledoit and Wolf's share of the identity, in [0, 1]: the covariance's error over its distance from the identity.

    Written out, for importing sklearn's moves Python's global random state.
    """
    n, values = rows.shape
    rows = rows - rows.mean(0)
    covariance = rows.T @ rows / n
    size = covariance.square().sum()
    distance = size / values - covariance.diagonal().mean().square()
    error = (rows.square().sum(1).square().mean() - size) / (n * values)
    return float((error / distance).clamp(0.0, 1.0)) if distance > 0.0 else 0.0


def with_fixed_signs(components: Float[Tensor, "components values"]) -> Float[Tensor, "components values"]:
    """Each row or its negative, so that its largest value is positive: eigenvectors have no sign of their own."""
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    return torch.where(largest < 0.0, -components, components)


class Whitening(nn.Module):
    """The linear map as a layer; the identity until it is fitted."""

    mean: Tensor
    matrix: Tensor

    def __init__(self, values: int) -> None:
        super().__init__()
        if values > LARGEST:
            raise InputError(
                f"inputs to whiten must have at most {LARGEST} values, got {values}; "
                "use PatchWhitening, or smaller inputs"
            )
        self.register_buffer("mean", torch.zeros(values))
        self.register_buffer("matrix", torch.eye(values))

    def forward(self, inputs: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
        # In 16 bits the differences of neighbours, which whitening enlarges, would be lost.
        with torch.autocast(inputs.device.type, enabled=False):
            return ((inputs.flatten(1) - self.mean) @ self.matrix.T).view_as(inputs)


def fit_whitening(model: nn.Module, inputs: Tensor, *, form: Form, eps: float, shrink: bool) -> None:
    """Calibration: fit the network's `Whitening` on what reaches it of these inputs."""
    (layer,) = (module for module in model.modules() if isinstance(module, Whitening))
    rows = inputs_of(layer, model, inputs).flatten(1)
    mean, matrix = whitening_map(rows, form=form, eps=eps, shrink=shrink)
    layer.mean.copy_(mean)
    layer.matrix.copy_(matrix)
