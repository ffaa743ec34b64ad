"""GELU: inputs weighed by how likely a normal draw is below them; smooth, and slightly negative below 0.

    outputs = inputs * Phi(inputs),  Phi the normal distribution function
    tanh      0.5 * inputs * (1 + tanh(sqrt(2 / pi) * (inputs + 0.044715 * inputs ^ 3))), close to it

Source: Hendrycks & Gimpel 2016 (arXiv:1606.08415), section 2.
Measured: no figure read by us.
Hurts: no case read by us; time, against ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_choice


@dataclass(frozen=True)
class GELU:
    """Replace every activation by `torch.nn.GELU`. form: "exact", or "tanh" for the published approximation."""

    form: str = "exact"

    def __post_init__(self) -> None:
        require_choice("form", self.form, ("exact", "tanh"))

    def __call__(self, recipe: Recipe) -> Recipe:
        make = partial(nn.GELU, approximate="tanh" if self.form == "tanh" else "none")
        return swap_activations(recipe, self, make)
