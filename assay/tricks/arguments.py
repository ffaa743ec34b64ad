"""What tricks refuse, in one voice: the argument, the rule, the value, and what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jaxtyping import Shaped
from torch import Tensor

from assay.recipe import RecipeError


def require_range(name: str, value: float, low: float, high: float = math.inf, *, usual: str) -> None:
    """Refuse a number outside [low, high]; an infinite `high` means no upper limit.

    Raises:
        ValueError: the value is outside, or not a number.
    """
    if not low <= value <= high or math.isinf(value):
        rule = f"be in [{low:g}, {high:g}]" if math.isfinite(high) else f"be finite and at least {low:g}"
        raise ValueError(f"{name} must {rule}, got {value}; {usual}")


def require_above_zero(name: str, value: float, *, usual: str) -> None:
    """Refuse a bound that is not above 0; an infinite one bounds nothing.

    Raises:
        ValueError: the value is 0, negative, or not a number.
    """
    if not value > 0.0:
        raise ValueError(f"{name} must be above 0, got {value}; {usual}")


def require_below_one(name: str, value: float, *, usual: str) -> None:
    """Refuse a share outside [0, 1): a momentum of 1 lets nothing new in, and what drops all leaves nothing.

    Raises:
        ValueError: the value is outside, or not a number.
    """
    if not 0.0 <= value < 1.0:
        raise ValueError(f"{name} must be in [0, 1), got {value}; {usual}")


def require_finite_above_zero(name: str, value: float, *, usual: str) -> None:
    """Refuse what is not a finite number above 0.

    Raises:
        ValueError: the value is 0 or below, infinite, or not a number.
    """
    if not 0.0 < value < math.inf:
        raise ValueError(f"{name} must be finite and above 0, got {value}; {usual}")


def require_rows(targets: Tensor) -> None:
    """Refuse targets that are class numbers, the usual form in a loop of one's own.

    Raises:
        ValueError: targets are not rows of floating-point numbers.
    """
    if targets.ndim != 2 or not targets.is_floating_point():
        raise ValueError(
            f"targets must be floats of shape (batch, outputs), got {targets.dtype} of shape {tuple(targets.shape)}; "
            "class numbers become such rows by torch.nn.functional.one_hot(targets, num_classes).float()"
        )


def require_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a word that is not one of `choices`.

    Raises:
        ValueError: lists the choices.
    """
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")


def require_images(inputs: Shaped[Tensor, "batch ..."], trick: str) -> None:
    """Refuse vectors: a recipe cannot know its inputs' shape, so this is found at the first batch.

    Raises:
        RecipeError: the inputs are not (batch, channels, height, width).
    """
    if inputs.dim() != 4:
        shape = tuple(inputs.shape)
        raise RecipeError(
            f"{trick} needs images (batch, channels, height, width), got inputs of shape {shape}; "
            f"take {trick} out of the recipe"
        )


def require_signals(inputs: Shaped[Tensor, "batch ..."], trick: str) -> None:
    """Refuse images of more than one row, as `require_images` refuses vectors.

    Raises:
        RecipeError: the inputs are not (batch, length), (batch, channels, length) or (batch, channels, 1, length).
    """
    if inputs.dim() not in (2, 3) and not (inputs.dim() == 4 and inputs.shape[2] == 1):
        shape = tuple(inputs.shape)
        raise RecipeError(
            f"{trick} needs signals (batch, length), (batch, channels, length) or (batch, channels, 1, length), "
            f"got inputs of shape {shape}; take {trick} out of the recipe"
        )
