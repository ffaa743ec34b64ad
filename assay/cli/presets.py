"""`assay presets`: the named recipes; `assay presets show NAME`: one with its provenance and its recipe file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.presets.preset import Preset

Names = Annotated[list[str] | None, typer.Argument(help="`show NAME` for one preset.", show_default=False)]


def presets(names: Names = None, json: options.Json = False) -> None:
    """List the published recipes, or show one: result, source, deviations, and the recipe as a file."""
    from assay.presets.catalog import PRESETS, find_preset

    names = names or []
    if names and (names[0] != "show" or len(names) != 2):
        raise InputError(f"presets {' '.join(names)}: {tell_usage(names)}")
    if names:
        show(find_preset(names[1]), as_json=json)
    else:
        show_all(PRESETS, as_json=json)


def tell_usage(names: Sequence[str]) -> str:
    """What may have been meant: a near command or preset, or else how one writes it."""
    from assay.presets.catalog import PRESETS

    near = difflib.get_close_matches(names[-1].lower(), [preset.name for preset in PRESETS], n=1)
    if near:
        return f"did you mean `assay presets show {near[0]}`?"
    return "write `assay presets`, or `assay presets show bag-of-tricks`"


def show(preset: Preset, *, as_json: bool) -> None:
    """Print one."""
    from assay.recipe_toml import recipe_to_toml

    plain = to_dict(preset)
    if as_json:
        print_json(plain)
        return
    deviations = "".join(f"\n  - {line}" for line in preset.deviations) or " none"
    print(f"{preset.name}, for {preset.data}\n\nPublished: {preset.published}\nSource: {preset.source}")
    print(f"Deviations:{deviations}\n\n{recipe_to_toml(preset.recipe)}")


def show_all(presets: Sequence[Preset], *, as_json: bool) -> None:
    """Print a table."""
    from assay.cli.tables import make_table, print_table

    if as_json:
        print_json([to_dict(preset) for preset in presets])
        return
    table = make_table("preset", "for", "published", "recipe", whole=("preset",), lines=True)
    for preset in presets:
        table.add_row(preset.name, preset.data, preset.published, preset.recipe.describe())
    print_table(table)


def to_dict(preset: Preset) -> dict[str, Any]:
    """Plain values."""
    facts = {name: getattr(preset, name) for name in ("name", "data", "published", "source")}
    return {**facts, "deviations": list(preset.deviations), "recipe": preset.recipe.to_dict()}


def print_json(value: Any) -> None:
    """Indented."""
    import json

    print(json.dumps(value, indent=2))
