"""Whether a network takes the images that a trick makes smaller, found before anything is trained."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from assay.data.specification import Specification
from assay.errors import RecipeError
from assay.models.abilities import takes_any_size
from assay.recipe import Recipe, Trick


def make_smaller(recipe: Recipe, by: Trick, smaller: Callable[[int], int], *, lever: str) -> Recipe:
    """For tricks that shrink images in training: refuse a network that cannot work on them.

    Args:
        smaller: from a side of the images to the shortest that the trick makes of it.
        lever: what to change about the trick where images become too small, such as "lower share".
    Raises:
        RecipeError: the network is known to take images of one size only.
    """
    recipe.require(takes_any_size(recipe.model), by, "a network that takes images of any size")

    def check(model: nn.Module, specification: Specification) -> None:
        if specification.is_image:
            try_size(model, specification, tuple(map(smaller, specification.input_shape[1:])), lever=lever)

    return recipe.add(network_checks=check)


def try_size(model: nn.Module, specification: Specification, sides: tuple[int, ...], *, lever: str) -> None:
    """Run the network once, as in evaluation, on an empty image of these sides.

    Raises:
        RecipeError: it fails.
    """
    channels, *built_for = specification.input_shape
    training = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, channels, *sides))
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        smaller, full = ("x".join(map(str, shape)) for shape in (sides, built_for))
        raise RecipeError(
            f"the network, built for {full} pixels, cannot work on the {smaller} that training would show it; "
            f"{lever}, or take a network and tricks for images of any size ({error})"
        ) from error
    finally:
        model.train(training)
