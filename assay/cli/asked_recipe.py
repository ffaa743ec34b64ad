"""The recipe that a command line asks for: of a file or a preset, with tricks left out, added and rescaled."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.errors import InputError

if TYPE_CHECKING:
    import torch

    from assay.data.data import Data
    from assay.presets.preset import Preset
    from assay.recipe import Recipe


@dataclass(frozen=True)
class AskedRecipe:
    """The recipe of a file or a preset, the default one without, and what is to be changed in it."""

    recipe: Annotated[Path | None, typer.Option(help="TOML file; the default recipe without it.")] = None
    preset: Annotated[str | None, typer.Option(help="A published recipe; `assay presets` lists them.")] = None
    trick: Annotated[
        list[str] | None,
        typer.Option(
            help='Added, or put in place of its like or of what sets the same: "Mixup(alpha=0.4)"; may be repeated.'
        ),
    ] = None
    without: Annotated[
        list[str] | None, typer.Option(help="A trick of the recipe to take out: ConstantLR; may be repeated.")
    ] = None
    epochs: Annotated[
        float | None, typer.Option(help="Passes over the training split; the recipe's own without it.")
    ] = None
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Examples in a batch; the learning rate is scaled with it.")
    ] = None

    def change(self, recipe: Recipe) -> tuple[Recipe, list[str]]:
        """The recipe with these changes, and a line for everything that is not as it was.

        Raises:
            InputError: see `change`.
        """
        return change(recipe, added=self.trick or [], left_out=self.without or [], batch_size=self.batch_size,
                      epochs=self.epochs)  # fmt: skip


AS_USUAL = AskedRecipe()
"""Of a command that was given no such options."""


def choose_recipe(path: Path | None, preset: str | None) -> Recipe | Preset | None:
    """The recipe of a file, or a preset; None if neither is asked for.

    Raises:
        InputError: both are asked for, the file cannot be read, or there is no such preset, or none to train alone.
    """
    from assay.presets.catalog import find_preset
    from assay.recipe_toml import read_recipe

    if path is not None and preset is not None:
        raise InputError(f"--recipe {path} and --preset {preset}: give one of them")
    if preset is None:
        return None if path is None else read_recipe(path)
    found = find_preset(preset)
    if found.own_loop:
        raise InputError(f"--preset {preset} is for {found.data} and cannot be trained alone: {found.own_loop}")
    return found


def settle(chosen: Recipe | Preset | None, data: Data, device: torch.device) -> tuple[Recipe, list[str]]:
    """The recipe for this data, the default one without a choice, and a line if a preset took another loss for it."""
    from assay.defaults import default_recipe
    from assay.presets.preset import Preset

    if isinstance(chosen, Preset):
        return chosen.recipe_for(data.specification.task)
    return chosen or default_recipe(data.specification, len(data.train), device=device), []


def change(
    recipe: Recipe,
    *,
    added: Sequence[str],
    left_out: Sequence[str],
    batch_size: int | None,
    epochs: float | None,
) -> tuple[Recipe, list[str]]:
    """The recipe as the command line wants it, and a line for everything that is not as it was.

    Epochs given in an added trick are those of the training asked for; a learning rate in it is one for the
    recipe's batch, and is scaled with it like any other.

    Raises:
        InputError: a name is unknown, what is to be left out is not there, or the tricks cannot stand together.
    """
    from assay.in_place import put_in_place
    from assay.presets.rescale import rescale
    from assay.recipe import identity
    from assay.tricks.expression import read_trick

    recipe, told = leave_out(recipe, left_out)
    recipe, notes = rescale(recipe, epochs=epochs)
    given = recipe.tricks
    for made in map(read_trick, added):
        notes += [f"{made} in place of {other}" for other in recipe.tricks if identity(other) == identity(made)]
        recipe, gone = put_in_place(recipe, made, given)
        notes += [f"{made} in place of {other}" for other in gone]
    recipe, more = rescale(recipe, batch_size=batch_size)
    return recipe, told + notes + more


def leave_out(recipe: Recipe, names: Sequence[str]) -> tuple[Recipe, list[str]]:
    """The recipe without the tricks of these names, and a line for each.

    Raises:
        InputError: there is no such trick, or the recipe has none; names the closest.
    """
    from assay.tricks.catalog import find_trick

    kinds = [find_trick(name) for name in names]
    held = {type(trick).__name__: trick for trick in recipe.tricks}
    for kind in kinds:
        if not recipe.has(kind):
            near = difflib.get_close_matches(kind.__name__, held, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(held) or 'no tricks at all'}"
            raise InputError(f"--without {kind.__name__}: the recipe has no such trick; {hint}")
    told = [f"without {trick}" for trick in recipe.tricks if isinstance(trick, tuple(kinds))]
    return recipe.without(*kinds), told
