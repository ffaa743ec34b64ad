"""The network of a recipe: what its builder makes, and its model edits make of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import OutOfMemoryError, nn

from assay.data.specification import Specification
from assay.randomness import scoped_seed
from assay.recipe import Recipe, RecipeError, describe_part
from assay.slots import ModelEdit, NamedEdit

ALLOCATION_FAILURES = ("can't allocate memory", "Storage size calculation overflowed", "Overflow when unpacking")
"""What PyTorch says, in errors of no class of their own, of a tensor that no memory holds."""


def build_model(recipe: Recipe, specification: Specification, *, seed: int) -> nn.Module:
    """The recipe's network with its model edits; the same seed gives the same weights.

    Raises:
        RecipeError: there is not enough memory for it, or a trick cannot change it.
    """
    with scoped_seed(seed, "model"), memory_for(recipe):
        model = recipe.model.build(specification.input_shape, specification.num_outputs)
        for number, edit in enumerate(recipe.model_edits):
            with naming(recipe.model_edits[:number], but=edit):
                model = edit(model, specification)
        for start in recipe.first_weights:
            with naming(recipe.model_edits, but=start):
                start(model, specification, recipe)
    return model


def check_network(model: nn.Module, recipe: Recipe, specification: Specification) -> None:
    """Try what the recipe's tricks will do with the finished network, before a training begins.

    Raises:
        RecipeError: a trick cannot work with it, or there is not enough memory to try.
    """
    with scoped_seed(0, "network checks"), memory_for(recipe):
        for check in recipe.network_checks:
            with naming(recipe.model_edits, but=check):
                check(model, specification)


@contextmanager
def naming(earlier: Sequence[ModelEdit], *, but: Callable[..., Any]) -> Iterator[None]:
    """Say in a refusal which other tricks had changed the network before: what is refused may be their doing.

    Raises:
        RecipeError: one was raised inside the block.
    """
    try:
        yield
    except RecipeError as error:
        names = dict.fromkeys(edit.by for edit in earlier if isinstance(edit, NamedEdit))
        others = [name for name in names if not (isinstance(but, NamedEdit) and but.by == name)]
        if not others:
            raise
        raise RecipeError(f"{error}; the network is as {', '.join(others)} left it") from error


@contextmanager
def memory_for(recipe: Recipe) -> Iterator[None]:
    """Say in one line that the recipe's network does not fit, where PyTorch says it in many.

    Raises:
        RecipeError: memory ran out inside the block; names the network with its sizes.
    """
    try:
        yield
    except (MemoryError, RuntimeError, TypeError) as error:
        if not isinstance(error, MemoryError | OutOfMemoryError) and not any(
            words in str(error) for words in ALLOCATION_FAILURES
        ):
            raise
        raise RecipeError(
            f"{describe_part(recipe.model)}: this network needs more memory than there is; make it narrower or "
            "shallower"
        ) from error
