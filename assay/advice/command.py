"""The command to run next, exact: with the run's own source, options and recipe, and a folder of its own."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay.advice.asked import AskedData
from assay.optimizers import SGD, Adam, AdamW
from assay.parts import describe_part
from assay.recipe import Recipe
from assay.run_folder import ROOT
from assay.tricks.catalog import TRICKS
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.adamw import UseAdamW
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.nesterov import Nesterov


@dataclass(frozen=True)
class Command:
    """words: as a shell takes them. folder: what it leaves its results in, if it leaves any."""

    words: tuple[str, ...]
    folder: str | None = None

    def __str__(self) -> str:
        return shlex.join(self.words)

    @property
    def asks(self) -> tuple[str, ...]:
        """The words but for the folder it goes to: what two commands that do the same have alike."""
        return tuple(word for word in self.words if word != self.folder)


@dataclass(frozen=True)
class Place:
    """Where commands are run from: the data, the folder that is advised on, and its recipe's file if it has one."""

    asked: AskedData
    folder: Path | None = None
    recipe: Path | None = None

    def beside(self, word: str) -> str:
        """A folder of its own beside the one advised on."""
        return str(
            ROOT / f"advised-{word}" if self.folder is None else self.folder.with_name(f"{self.folder.name}-{word}")
        )

    def train(
        self,
        word: str,
        *,
        tricks: Sequence[str] = (),
        without: Sequence[str] = (),
        epochs: float | None = None,
        batch_size: int | None = None,
    ) -> Command:
        """The same training once more, with this changed."""
        options = [part for trick in tricks for part in ("--trick", trick)]
        options += [part for name in without for part in ("--without", name)]
        options += [] if epochs is None else ["--epochs", f"{epochs:.4g}"]
        options += [] if batch_size is None else ["--batch-size", str(batch_size)]
        return self.stage("train", word, *options)

    def stage(self, name: str, word: str, *options: str, takes_recipe: bool = True) -> Command:
        """A command on the same data, with the recipe where it takes one."""
        recipe = ("--recipe", str(self.recipe)) if self.recipe is not None and takes_recipe else ()
        folder = self.beside(word)
        return Command(("assay", name, *self.asked.words(), *recipe, *options, "--out", folder), folder)


def at_rate(recipe: Recipe, factor: float) -> str | None:
    """The recipe's optimiser at `factor` times its rate, as a trick for `--trick`; None where no trick is it."""
    own: Any = recipe.own_optimizer
    rate = float(f"{own.learning_rate * factor:.2g}")
    kind = type(own)
    if kind in (AdamW, Adam):
        made = (UseAdamW if kind is AdamW else UseAdam)(rate, own.momentum, own.second_moment, own.weight_decay)
    elif kind is SGD:
        form = Nesterov if own.nesterov and own.momentum > 0 else HeavyBall
        made = form(learning_rate=rate, momentum=own.momentum, weight_decay=own.weight_decay)
    elif kind in TRICKS:
        made = replace(own, learning_rate=rate)
    else:
        return None
    told = describe_part(made)
    # The rate is what the command is about: it is told where it is the trick's own default too.
    return told if "learning_rate=" in told else told.replace("(", f"(learning_rate={rate}, ").replace(", )", ")")
