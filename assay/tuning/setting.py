"""What can be searched by name: the optimiser's settings, batch and epochs, and arguments of network, loss and tricks.

`learning_rate`, `batch_size`, `ResNet.width` or `LabelSmoothing.smoothing`; `AdamW.learning_rate` and `model.width` say
the same as the first and third.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_type_hints

from assay.errors import InputError
from assay.recipe import Recipe, stack
from assay.tricks.catalog import TRICKS
from assay.tricks.spelling import condense

Settings = Mapping[str, Any]
OF_TRAINING = {"batch_size": int, "epochs": float}
WHAT_IT_IS_FOR = ("of", "task")
"""Fields that say what a part is for: with another value it would be another part."""
NICKNAMES = {"lr": "learning_rate", "rate": "learning_rate", "wd": "weight_decay", "decay": "weight_decay",
             "bs": "batch_size", "batch": "batch_size"}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One field of a recipe.

    place: `training`, `optimizer`, `model`, `loss`, or the number of a trick in the stack. hint: the field's type.
    """

    name: str
    place: str | int
    field: str
    hint: Any

    def of(self, recipe: Recipe) -> Any:
        """As the recipe has it before tricks set it."""
        return getattr(self._part(recipe), self.field)

    def put(self, recipe: Recipe, value: Any) -> Recipe:
        """The recipe with this value under the same tricks.

        Raises:
            ValueError: the part refuses the value.
        """
        if self.place == "training":
            return recipe.change(**{self.field: value})
        if self.place == "optimizer":
            return recipe.change_optimizer(**{self.field: value})
        changed = replace(self._part(recipe), **{self.field: value})
        if isinstance(self.place, int):
            tricks = (changed if number == self.place else trick for number, trick in enumerate(recipe.tricks))
            return stack(recipe.baseline, tricks)
        return recipe.change(**{self.place: changed})

    def in_effect(self, recipe: Recipe) -> Any:
        """What the training will use, after tricks set it; of a trick's argument, itself."""
        if self.place in ("optimizer", "model", "loss"):
            return getattr(getattr(recipe, str(self.place)), self.field, None)
        return getattr(recipe, self.field) if self.place == "training" else self.of(recipe)

    def _part(self, recipe: Recipe) -> Any:
        if isinstance(self.place, int):
            return recipe.tricks[self.place]
        if self.place == "optimizer":
            return recipe.own_optimizer
        return recipe.baseline if self.place == "training" else getattr(recipe.baseline, self.place)


def settings_in(recipe: Recipe) -> dict[str, Setting]:
    """All that can be searched, by name, in the order of a recipe's file; of two tricks of a class the first."""
    found = {name: Setting(name, "training", name, hint) for name, hint in OF_TRAINING.items()}
    found |= {setting.field: replace(setting, name=setting.field)
              for setting in _fields(recipe.own_optimizer, "optimizer")}  # fmt: skip
    parts: list[tuple[Any, str | int]] = [(recipe.baseline.model, "model"), (recipe.baseline.loss, "loss")]
    parts += [(trick, place) for place, trick in enumerate(recipe.tricks) if trick is not recipe.own_optimizer]
    for part, place in parts:
        for setting in _fields(part, place):
            found.setdefault(setting.name, setting)
    return found


def find_setting(recipe: Recipe, name: str) -> Setting:
    """The setting called `name` in any spelling, or after its slot: `model.width`, `optimizer.momentum`.

    Raises:
        InputError: the recipe has none; names the nearest, or says that the trick is not in the recipe.
    """
    known = settings_in(recipe)
    optimizer = type(recipe.own_optimizer).__name__
    aliases = {f"{setting.place}.{setting.field}": setting for setting in known.values()}
    aliases |= {f"{optimizer}.{one.field}": one for one in known.values() if one.place == "optimizer"} | known
    by_spelling = {_spelling(alias): setting for alias, setting in aliases.items()}
    if (found := by_spelling.get(_spelling(name))) is not None:
        return found
    head = condense(name.partition(".")[0])
    absent = next((kind.__name__ for kind in TRICKS if condense(kind.__name__) == head), None)
    if "." in name and absent and absent not in {type(trick).__name__ for trick in recipe.tricks}:
        raise InputError(f"{name}: {absent} is not in the recipe, so it has nothing to search; put it into --recipe")
    close = (
        [NICKNAMES[name]] if NICKNAMES.get(name) in known else difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    )
    close += [alias for alias in known if alias.partition(".")[2] == name and alias not in close]
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise InputError(f"the recipe has no setting {name!r}; {hint}there are {', '.join(known)}")


def settings_of(recipe: Recipe, names: Iterable[str]) -> dict[str, Any]:
    """The recipe's own values of these settings."""
    known = settings_in(recipe)
    return {name: known[name].of(recipe) for name in names}


def with_settings(recipe: Recipe, settings: Settings) -> Recipe:
    """The recipe with these settings under the same tricks.

    Raises:
        ValueError: a part refuses its value.
    """
    for name, value in settings.items():
        recipe = settings_in(recipe)[name].put(recipe, value)
    return recipe


def _fields(part: Any, place: str | int) -> list[Setting]:
    hints = get_type_hints(type(part))
    kind = type(part).__name__
    return [Setting(f"{kind}.{one.name}", place, one.name, hints[one.name]) for one in fields(part)
            if one.init and one.name not in WHAT_IT_IS_FOR]  # fmt: skip


def _spelling(name: str) -> tuple[str, ...]:
    return tuple(map(condense, name.split(".")))
