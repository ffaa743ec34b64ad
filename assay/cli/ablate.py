"""`assay ablate SOURCE`: which tricks pay here, alone or in a design of one's own choosing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.alone import Page, shown_work
from assay.cli.resumed import SeedOrResumed, resumed
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.ablation.asked import Asked
    from assay.recipe import Recipe as RecipeValue
    from assay.stages.request import Request

USUAL_BUDGET = "5m"

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
Fidelity = Annotated[
    float | None,
    typer.Option(
        help="Cheap trainings first, with this share of the epochs; what they rule out is left out if they prove true.",
        show_default=False,
    ),
]


@options.spread
def ablate(
    source: options.SourceOrResumed = None,
    tricks: Tricks = None,
    design: Design = None,
    seeds: Seeds = None,
    all_seeds: Annotated[
        bool, typer.Option("--all-seeds", help="Each arm has all seeds; nothing stops early.")
    ] = False,
    epochs: Annotated[
        float | None, typer.Option(help="Of each training; as the budget allows by default.", show_default=False)
    ] = None,
    metric: Metric = None,
    interval: Interval = None,
    equal: Equal = None,
    per_class: Annotated[bool, typer.Option("--per-class", help="Also the effect on each class.")] = False,
    fidelity: Fidelity = None,
    budget: Annotated[
        str | None, typer.Option(help=f"Time for the stage: 90s, 2m, 1.5h; {USUAL_BUDGET} by default.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="TOML file with the baseline; a plain one without it.", show_default=False)
    ] = None,
    out: options.Out = None,
    reading: options.Reading = options.AS_IT_LIES,
    decisions: options.Decisions = None,
    seed: SeedOrResumed = None,
    device: options.Device = None,
    place: options.Place = options.HERE,
    database: options.Database = None,
    track: options.Track = None,
    resume: options.Resume = False,
    page: Page = None,
    json: options.Json = False,
    strict: options.Strict = False,
) -> None:
    """Which tricks pay here, by how much, how sure are we."""
    with shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.cli.alone import carry_out, choose_place, show
        from assay.cli.printing import check_page
        from assay.cli.tracked import choose_tracking, place_of, tracked
        from assay.stages.telling import write_story

        sinks = choose_tracking(track)
        place.workplace()
        given = {"design": design, "seeds": seeds, "epochs": epochs, "metric": metric, "interval": interval,
                 "equal": equal, "per_class": per_class or None, "fidelity": fidelity,
                 "all_seeds": all_seeds or None}  # fmt: skip
        if resume:
            wanted = {"source": source, "budget_seconds": parse_seconds(budget) if budget else None, "seed": seed,
                      **reading.for_opening(), "device": device, "decisions": options.text_of(decisions),
                      "tricks": tricks, **given}  # fmt: skip
            request, asked, baseline = read_resumed(out, wanted, recipe)
        elif source is None:
            raise InputError("SOURCE is missing; name a data set, or go on with a study by --resume --out FOLDER")
        else:
            asked, baseline = read_asked(tricks or [], given, recipe), recipe
            seconds = parse_seconds(budget or USUAL_BUDGET)
            request = reading.request(source, seconds, seed=seed or 0, device=device, decisions=decisions)
        if page is not None:
            check_page(page, request.source)
        folder = place_of(sinks, "ablate", request.source, choose_place("ablate", request.source, out))
        with tracked(sinks, "ablate", folder, {"source": request.source, "seed": request.seed}):
            story = carry_out("ablate", request, folder, baseline, study=asked, database=database,
                              workers=place.workers, on=place.on, announce=announce)  # fmt: skip
            if folder is not None:
                write_story(story, folder)
    show(story, "ablate", folder, as_json=json, page=page)
    if strict and any(finding.level == "proved" for finding in story.stages[0].report.findings):
        raise typer.Exit(1)


def read_resumed(
    out: Path | None, given: dict[str, Any], recipe: Path | None
) -> tuple[Request, Asked | None, RecipeValue]:
    """What a folder was asked: request, study and baseline.

    Raises:
        InputError: there is nothing to go on with, or an option says something else.
    """
    from assay.ablation.asked import Asked

    found = resumed("ablate", out, given, recipe)
    study = None if found.study is None else Asked(**{**found.study, "tricks": tuple(found.study["tricks"])})
    return found.request, study, found.recipe


def read_asked(tricks: list[str], given: dict[str, Any], recipe: Path | None) -> Asked | None:
    """The study that the options ask for; None where none is given, and Assay chooses and stacks by itself.

    Raises:
        InputError: an unknown trick, argument, design or metric, or a number out of range; before any data is read.
    """
    from assay.ablation.asked import Asked
    from assay.stages.study import require_different
    from assay.tricks.expression import read_trick

    given = {name: value for name, value in given.items() if value is not None}
    if not tricks and not given and recipe is None:
        return None
    asked = Asked(tuple(tricks), **given)
    require_different(tuple(map(read_trick, tricks)))
    return asked
