"""What `assay ablate` and `assay tune` share: options beside the study, and how one is begun or gone on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import options
from assay.cli.alone import carry_out, choose_place, show, shown_work
from assay.cli.page import check_page
from assay.cli.resumed import SeedOrResumed, resumed
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.ablation.asked import Asked
    from assay.recipe import Recipe
    from assay.report.story import RunStory
    from assay.stages.request import Request
    from assay.stages.search import TuningAsked

    Begun = tuple[Request, Asked | TuningAsked | None, Path | Recipe | None]
    """The request, the study and the recipe that it works on, or its file."""

USUAL_BUDGET = "5m"

Budget = Annotated[str | None, typer.Option(help=f"Time for the stage: 90s, 2m, 1.5h; {USUAL_BUDGET} by default.")]


@dataclass(frozen=True)
class ManyTrainings:
    """What both commands are told beside the study: on what, for how long, where, and what is left of it."""

    source: options.SourceOrResumed = None
    budget: Budget = None
    out: options.Out = None
    reading: options.Reading = options.AS_IT_LIES
    decisions: options.Decisions = None
    seed: SeedOrResumed = None
    device: options.Device = None
    place: options.Place = options.HERE
    database: options.Database = None
    track: options.Track = None
    resume: options.Resume = False
    page: options.Page = None
    json: options.Json = False


ALL_USUAL = ManyTrainings()
"""Of a command that was given none of them."""


@dataclass(frozen=True)
class Kind:
    """What the commands have not in common.

    noun: what is gone on with. read: the study as it was asked, from its options by name; what is left out has its
    usual value. told: options of the study that trackers show beside the source.
    """

    stage: str
    noun: str
    read: Callable[[Mapping[str, Any], Path | None], Asked | TuningAsked | None]
    told: tuple[str, ...] = ()


def begin_or_go_on(
    kind: Kind, many: ManyTrainings, given: Mapping[str, Any], recipe: Path | None
) -> tuple[RunStory, Path | None]:
    """Carry the study out, write and show what it found; also the folder where that lies, if any.

    Args:
        given: options of the study by name, as `options.given_only` takes them.
    Raises:
        InputError: an option is wrong, or there is no source, or nothing to go on with.
    """
    with shown_work() as announce:
        from assay.cli.tracked import choose_tracking, place_of, tracked
        from assay.stages.telling import write_story

        sinks, workplace = choose_tracking(many.track), many.place.workplace()
        request, study, own = (go_on if many.resume else begin)(kind, many, given, recipe)
        check_page(many.page, request.source)
        folder = place_of(sinks, kind.stage, request.source, choose_place(kind.stage, request.source, many.out))
        told = {"source": request.source, "seed": request.seed, **{name: getattr(study, name) for name in kind.told}}
        with tracked(sinks, kind.stage, folder, told):
            story = carry_out(kind.stage, request, folder, own, study=study, database=many.database,
                              workplace=workplace, announce=announce)  # fmt: skip
            if folder is not None:
                write_story(story, folder)
    show(story, kind.stage, folder, as_json=many.json, page=many.page)
    return story, folder


def begin(kind: Kind, many: ManyTrainings, given: Mapping[str, Any], recipe: Path | None) -> Begun:
    """A study as the options have it.

    Raises:
        InputError: there is no source, or an option is wrong.
    """
    from assay.budget import parse_seconds

    if many.source is None:
        raise InputError(f"SOURCE is missing; name a data set, or go on with {kind.noun} by --resume --out FOLDER")
    study, seconds = kind.read(options.given_only(given), recipe), parse_seconds(many.budget or USUAL_BUDGET)
    request = many.reading.request(many.source, seconds, seed=many.seed or 0, device=many.device,
                                   decisions=many.decisions)  # fmt: skip
    return request, study, recipe


def go_on(kind: Kind, many: ManyTrainings, given: Mapping[str, Any], recipe: Path | None) -> Begun:
    """What the folder was asked.

    Raises:
        InputError: there is nothing to go on with, or an option says something else.
    """
    from assay.budget import parse_seconds

    wanted = {"source": many.source, "budget_seconds": parse_seconds(many.budget) if many.budget else None,
              "seed": many.seed, **many.reading.for_opening(), "device": many.device,
              "decisions": options.text_of(many.decisions), **given}  # fmt: skip
    found = resumed(kind.stage, many.out, wanted, recipe)
    # The recipe is in the folder, whether it was named or chosen; that alone makes no study of it.
    return found.request, kind.read(found.study or {}, None), found.recipe
