"""`--resume` of a stage alone: what the folder was asked, so that none of it need be said again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli.options import given_only
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.recipe import Recipe
    from assay.stages.request import Request

SeedOrResumed = Annotated[
    int | None,
    typer.Option(min=0, help="Seed of every random choice; 0, or that of what is resumed, by default.",
                 show_default=False),
]  # fmt: skip


@dataclass(frozen=True)
class Resumed:
    """study: options of the study or the search; None where Assay chose by itself."""

    request: Request
    study: Mapping[str, Any] | None
    recipe: Recipe


def resumed(stage: str, out: Path | None, given: Mapping[str, Any], recipe: Path | None) -> Resumed:
    """What the stage in this folder was asked last.

    Args:
        given: options of this command by the names of the request and the study, as `options.given_only` takes them.
    Raises:
        InputError: there is no folder, or nothing to go on with in it; or an option says something else.
    """
    from assay.recipe_toml import read_recipe, recipe_from_toml
    from assay.stages.folder import flat
    from assay.stages.request import Request
    from assay.store.run_details import last_asked

    if out is None:
        raise InputError(
            f"--resume needs --out FOLDER, where it finds what was asked; without a folder give the whole command "
            f"again: what {stage} has trained is in the database of finished trainings"
        )
    found = last_asked(out, stage)
    if found is None:
        raise InputError(f"--out {out}: there is no {stage} to go on with; leave --resume out to start")
    asked, toml = found
    wanted = {**given, "recipe": None if recipe is None else read_recipe(recipe).key()}
    require_as_asked(out, stage, flat(asked), wanted)
    names = Request.__dataclass_fields__
    request = {name: asked[name] for name in names if name in asked}
    size = request.get("size")
    return Resumed(Request(**{**request, "size": tuple(size) if size else None}), asked.get("study"),
                   recipe_from_toml(toml))  # fmt: skip


def require_as_asked(out: Path, stage: str, asked: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises InputError: an option is given, and is not what was asked; names each."""
    # As the folder keeps it, where a tuple is a list.
    plain = given_only(json.loads(json.dumps(given)))
    others = [name for name, value in plain.items() if asked.get(name) != value]
    if others:
        told = "; ".join("another recipe" if name == "recipe" else f"{name} {asked.get(name)!r}, not {plain[name]!r}"
                         for name in others)  # fmt: skip
        raise InputError(f"{out}: the {stage} there was asked with {told}; leave it out, or use another --out")
