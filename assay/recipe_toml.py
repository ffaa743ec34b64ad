"""Recipes as TOML: a file a person can read, edit and keep beside the numbers it produced.

    batch_size = 128
    epochs = 20.0

    [model]
    kind = "ResNet"
    depth = 8

    [optimizer]
    kind = "SGD"
    learning_rate = 0.1

    [loss]
    kind = "CrossEntropy"

    [[tricks]]
    kind = "LabelSmoothing"
    smoothing = 0.1

A trick that holds others has them in tables of its own, `[[tricks.schedules]]` where it holds a list of them and
`[tricks.schedule]` where it holds one:

    [[tricks]]
    kind = "Restart"
    period_epochs = 5.0

    [tricks.schedule]
    kind = "Cosine"
    floor = 0.1

Every setting is written, so a file means the same after a default has changed. What is left out when
reading takes its default; TOML has no word for `None`, so a field that is None is left out.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from assay.errors import InputError
from assay.losses import LOSSES
from assay.models.catalog import MODELS
from assay.optimizers import OPTIMIZERS
from assay.parts import inner_parts, part_to_dict
from assay.plain_types import fit_value
from assay.recipe import Recipe, RecipeError
from assay.tricks.catalog import TRICKS
from assay.whole_file import write_whole

PARTS: Mapping[str, Sequence[type]] = {"model": MODELS, "optimizer": OPTIMIZERS, "loss": LOSSES}
NUMBERS: Mapping[str, type] = {"batch_size": int, "epochs": float}


def recipe_to_toml(recipe: Recipe) -> str:
    """The recipe as text; `recipe_from_toml` reads it back to an equal recipe with an equal key.

    Raises:
        RecipeError: a part is not one a file can name, or holds a None that is not its default.
    """
    base = recipe.baseline
    head = {name: getattr(base, name) for name in NUMBERS}
    parts = {slot: _written(getattr(base, slot), kinds, slot) for slot, kinds in PARTS.items()}
    pieces = [_dump(head), *(f"[{slot}]\n{_dump(part)}" for slot, part in parts.items())]
    pieces += [f"[[tricks]]\n{_dump(_written(trick, TRICKS, 'tricks'), 'tricks')}" for trick in recipe.tricks]
    return "\n".join(pieces)


def recipe_from_toml(text: str, *, where: str = "recipe") -> Recipe:
    """Read a recipe; tricks are applied in the order of the file.

    Args:
        where: what errors call the text, usually the file's path.
    Raises:
        InputError: not TOML; an unknown table, kind or field; a value of another type or out of
            range; tricks that cannot stand together. Names the place, and what is known there.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: this is not TOML: {error}") from error
    _require_known(document, (*NUMBERS, *PARTS, "tricks"), f"{where}: there is no entry")
    values = {
        name: fit_value(document[name], NUMBERS[name], f"{where}: {name}") for name in NUMBERS if name in document
    }
    for slot, kinds in PARTS.items():
        if slot in document:
            values[slot] = read_part(document[slot], kinds, f"{where}: [{slot}]")
    tricks = document.get("tricks", [])
    if not isinstance(tricks, list):
        raise InputError(f"{where}: tricks must be tables [[tricks]], with two brackets, got {tricks!r}")
    try:
        recipe = Recipe(**values)
        for number, table in enumerate(tricks, start=1):
            recipe = recipe | read_part(table, TRICKS, f"{where}: [[tricks]] number {number}")
    except ValueError as error:
        # What `_read` refuses names its place already; the parts themselves know nothing of files.
        if isinstance(error, InputError) and not isinstance(error, RecipeError):
            raise
        raise InputError(f"{where}: {error}") from error
    return recipe


def write_recipe(recipe: Recipe, path: str | Path) -> None:
    """Write the recipe to a file."""
    write_whole(Path(path), recipe_to_toml(recipe))


def read_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a file.

    Raises:
        InputError: the file cannot be read, or see `recipe_from_toml`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: this recipe cannot be read ({reason}); check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this recipe cannot be read (not UTF-8 text); save it as UTF-8") from error
    return recipe_from_toml(text, where=str(path))


def _dump(table: dict[str, Any], path: str = "") -> str:
    """The table's lines, and below them the tables in it; a list of numbers stays on one line."""
    import tomli_w

    lists = re.compile(r"\[\n((?: +[-+.\w]+,\n)+)\]")
    inner = {name: value for name, value in table.items() if _holds_tables(value)}
    text = tomli_w.dumps({name: value for name, value in table.items() if name not in inner})
    pieces = [lists.sub(lambda found: f"[{', '.join(found[1].replace(',', ' ').split())}]", text)]
    for name, value in inner.items():
        place = f"{path}.{name}"
        one, tables = (f"[[{place}]]", value) if isinstance(value, list) else (f"[{place}]", [value])
        pieces += [f"{one}\n{_dump(table, place)}" for table in tables]
    return "\n".join(pieces)


def _holds_tables(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _written(part: Any, kinds: Sequence[type], slot: str) -> dict[str, Any]:
    if type(part) not in kinds:
        known = ", ".join(kind.__name__ for kind in kinds)
        raise RecipeError(f"a recipe file can name as {slot} only {known}; got {type(part).__name__}")
    defaults = {f.name: f.default for f in fields(part)}
    plain = part_to_dict(part)
    for name in defaults:
        if parts := inner_parts(getattr(part, name)):
            tables = [_written(inner, TRICKS, f"{slot}.{name}") for inner in parts]
            for table in tables:
                table.pop("of", None)  # The outer trick says what is scheduled; theirs would say something else.
            plain[name] = tables if isinstance(plain[name], list) else tables[0]
    lost = [name for name, value in plain.items() if value is None and defaults[name] is not None]
    if lost:
        raise RecipeError(f"{type(part).__name__}.{lost[0]} is None, which TOML cannot say; give it a value")
    return {name: value for name, value in plain.items() if value is not None}


def read_part(table: Any, kinds: Sequence[type], where: str) -> Any:
    """One part from its table."""
    if not isinstance(table, dict) or not isinstance(table.get("kind"), str):
        raise InputError(f'{where} must be a table with a line kind = "NAME", got {table!r}')
    by_name = {kind.__name__: kind for kind in kinds}
    _require_known([table["kind"]], by_name, f"{where}: there is no kind")
    kind = by_name[table["kind"]]
    hints = get_type_hints(kind)
    known = {f.name: hints[f.name] for f in fields(kind) if f.init}
    given = {name: value for name, value in table.items() if name != "kind"}
    where = f"{where} {kind.__name__}"
    _require_known(given, known, f"{where} has no field")
    values = {name: _fitted(value, known[name], f"{where}: {name}") for name, value in given.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


def _fitted(value: Any, hint: Any, where: str) -> Any:
    """As `fit_value`, of tables of tricks too."""
    if isinstance(value, list):
        value = [_read_inner(item, f"{where}, number {number}") for number, item in enumerate(value, start=1)]
    return fit_value(_read_inner(value, where), hint, where)


def _read_inner(value: Any, where: str) -> Any:
    return read_part(value, TRICKS, where) if isinstance(value, dict) and "kind" in value else value


def _require_known(names: Sequence[str] | Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], no: str) -> None:
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}? " if close else ""
            listed = f"known are {', '.join(known)}" if known else "it has none"
            raise InputError(f"{no} {name!r}; {hint}{listed}")
