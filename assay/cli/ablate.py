"""`assay ablate SOURCE`: which tricks pay here, alone or in a design of one's own choosing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.many_trainings import ALL_USUAL, Kind, ManyTrainings, begin_or_go_on

if TYPE_CHECKING:
    from assay.ablation.asked import Asked

Tricks = Annotated[
    list[str] | None,
    typer.Option(help='A trick to study, such as "Mixup(alpha=0.2)"; again for each.', show_default=False),
]
Design = Annotated[
    str | None,
    typer.Option(
        help="add-one, leave-one-out, stacked, pairs, shapley, factorial or stepwise; add-one by default.",
        show_default=False,
    ),
]
Seeds = Annotated[int | None, typer.Option(help="Most seeds of each arm; 12 by default.", show_default=False)]
AllSeeds = Annotated[bool, typer.Option("--all-seeds", help="Each arm has all seeds; nothing stops early.")]
Epochs = Annotated[
    float | None, typer.Option(help="Of each training; as the budget allows by default.", show_default=False)
]
Metric = Annotated[
    str | None,
    typer.Option(
        help="accuracy, loss, f1, calibration, recall or r2; accuracy or r2 by default.", show_default=False
    ),
]  # fmt: skip
Interval = Annotated[
    str | None, typer.Option(help="How intervals are made: t or bootstrap; t by default.", show_default=False)
]
Equal = Annotated[
    str | None,
    typer.Option(help="What trainings have alike: epochs or seconds; epochs by default.", show_default=False),
]
PerClass = Annotated[bool, typer.Option("--per-class", help="Also the effect on each class.")]
Fidelity = Annotated[
    float | None,
    typer.Option(
        help="Cheap trainings first, with this share of the epochs; what they rule out is left out if they prove true.",
        show_default=False,
    ),
]
Baseline = Annotated[
    Path | None, typer.Option(help="TOML file with the baseline; a plain one without it.", show_default=False)
]


@dataclass(frozen=True)
class Study:
    """What is studied, and how; names are those of `assay.ablation.asked.Asked`."""

    tricks: Tricks = None
    design: Design = None
    seeds: Seeds = None
    all_seeds: AllSeeds = False
    epochs: Epochs = None
    metric: Metric = None
    interval: Interval = None
    equal: Equal = None
    per_class: PerClass = False
    fidelity: Fidelity = None


@options.spread
def ablate(
    study: Study, recipe: Baseline = None, many: ManyTrainings = ALL_USUAL, strict: options.Strict = False
) -> None:
    """Which tricks pay here, by how much, how sure are we."""
    story, _ = begin_or_go_on(ABLATION, many, vars(study), recipe)
    if strict:
        options.exit_if_proved(story.stages[0].report.findings)


def read_asked(given: Mapping[str, Any], recipe: Path | None) -> Asked | None:
    """The study that the options ask for; None where none is given, and Assay chooses and stacks by itself.

    Raises:
        InputError: an unknown trick, argument, design or metric, or a number out of range; before any data is read.
    """
    from assay.ablation.asked import Asked
    from assay.stages.study import require_different
    from assay.tricks.expression import read_trick

    if not given and recipe is None:
        return None
    asked = Asked(**{**given, "tricks": tuple(given.get("tricks", ()))})
    require_different(tuple(map(read_trick, asked.tricks)))
    return asked


ABLATION = Kind("ablate", "a study", read_asked)
