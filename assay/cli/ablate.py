"""`assay ablate SOURCE`: which tricks pay here, alone or in a design of one's own choosing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.cli.alone import Page

if TYPE_CHECKING:
    from assay.study_stage import Asked

Tricks = Annotated[
    list[str] | None,
    typer.Option(help='A trick to study, such as "Mixup(alpha=0.2)"; again for each.', show_default=False),
]
Design = Annotated[
    str | None,
    typer.Option(
        help="add-one, leave-one-out, stacked, pairs, shapley or factorial; add-one by default.", show_default=False
    ),
]
Seeds = Annotated[int | None, typer.Option(help="Most seeds of each arm; 12 by default.", show_default=False)]


def ablate(
    source: options.Source,
    tricks: Tricks = None,
    design: Design = None,
    seeds: Seeds = None,
    epochs: Annotated[
        float | None, typer.Option(help="Of each training; as the budget allows by default.", show_default=False)
    ] = None,
    budget: Annotated[str, typer.Option(help="Time for the stage: 90s, 2m, 1.5h.")] = "5m",
    recipe: Annotated[
        Path | None, typer.Option(help="TOML file with the baseline; a plain one without it.", show_default=False)
    ] = None,
    out: options.Out = None,
    target: options.Target = None,
    group: options.Group = None,
    size: options.Size = None,
    skip_bad: options.SkipBad = False,
    impute: options.Impute = False,
    decisions: options.Decisions = None,
    seed: options.Seed = 0,
    device: options.Device = None,
    page: Page = None,
    json: options.Json = False,
) -> None:
    """Which tricks pay here, by how much, how sure are we."""
    from assay.budget import parse_seconds
    from assay.cli.alone import carry_out, choose_place, show
    from assay.cli.printing import check_page
    from assay.pipeline import Request
    from assay.telling import write_story

    if page is not None:
        check_page(page, source)
    asked = read_asked(tricks, design, seeds, epochs, recipe)
    folder = choose_place("ablate", source, out)
    request = Request(source, parse_seconds(budget), seed, target, group, options.parse_size(size), skip_bad, impute,
                      device, options.text_of(decisions))  # fmt: skip
    story = carry_out("ablate", request, folder, recipe, study=asked)
    if folder is not None:
        write_story(story, folder)
    show(story, "ablate", folder, as_json=json, page=page)


def read_asked(
    tricks: list[str] | None, design: str | None, seeds: int | None, epochs: float | None, recipe: Path | None
) -> Asked | None:
    """The study that the options ask for; None where none is given, and Assay chooses and stacks by itself.

    Raises:
        InputError: an unknown trick, argument or design, or a number out of range; before any data is read.
    """
    from assay.ablation.designs.catalog import find_design
    from assay.ablation.sequential import USUAL_LOOKS
    from assay.errors import InputError
    from assay.study_stage import Asked
    from assay.tricks.expression import read_trick

    if all(given is None for given in (tricks, design, seeds, epochs, recipe)):
        return None
    if epochs is not None and not epochs > 0:
        raise InputError(f"--epochs must be above 0, got {epochs:g}")
    asked = Asked(tuple(tricks or ()), design or "add-one", USUAL_LOOKS[-1] if seeds is None else seeds, epochs)
    for text in asked.tricks:
        read_trick(text)
    find_design(asked.design)
    _ = asked.looks
    return asked
