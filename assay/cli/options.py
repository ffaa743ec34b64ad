"""Options that several commands share, alone or in groups that a command takes as one value."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from assay.errors import InputError

if TYPE_CHECKING:
    from assay.executors.choose import Workplace
    from assay.finding import Finding
    from assay.stages.request import Request

Source = Annotated[
    str,
    typer.Argument(
        help="digits, fashion-mnist, cifar10; a folder or .zip of class folders; an .npz, .csv or .parquet file.",
        show_default=False,
        metavar="SOURCE",
    ),
]
SourceOrResumed = Annotated[
    str | None,
    typer.Argument(help="As for the other commands; may be left out with --resume.", show_default=False),
]
Target = Annotated[str | None, typer.Option(help="Column of a table to predict.", show_default=False)]
Group = Annotated[
    str | None,
    typer.Option(help="Column, or pattern with one group on file paths, whose groups never straddle splits."),
]
Size = Annotated[str | None, typer.Option(help="Scale images to HEIGHTxWIDTH, or one number for squares.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave unreadable images out, with a finding.")]
Impute = Annotated[bool, typer.Option("--impute", help="Fill missing cells from the training split, with a finding.")]
Decisions = Annotated[
    Path | None,
    typer.Option(help="File of decisions (JSONL): relabels and drops examples in memory.", show_default=False),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; the first accelerator by default.", show_default=False)]
Out = Annotated[Path | None, typer.Option(help="Folder for what the command leaves.", show_default=False)]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was stopped in the folder.")]
Database = Annotated[
    str | None,
    typer.Option(
        help="SQLAlchemy URL of the database of finished trainings; ASSAY_DATABASE, or your own, without it.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Processes that train at the same time; 0 leaves all to `assay worker`; in this one without it.",
        show_default=False,
    ),
]
On = Annotated[
    str | None,
    typer.Option(
        help="A Ray cluster that trains: ray for this machine's, or ray://HOST:PORT; --workers is its actors.",
        show_default=False,
    ),
]
Page = Annotated[Path | None, typer.Option(help="Also write the findings as a page.", show_default=False)]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 when a finding is proved.")]
Track = Annotated[
    list[str] | None,
    typer.Option(
        help="Also tell curves, recipe, scores and report to tensorboard[:DIR], mlflow[:URI] or wandb[:PROJECT].",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@dataclass(frozen=True)
class Reading:
    """How a source is read."""

    target: Target = None
    group: Group = None
    size: Size = None
    skip_bad: SkipBad = False
    impute: Impute = False

    def for_opening(self) -> dict[str, Any]:
        """As `assay.open_data` takes them.

        Raises:
            InputError: the size is none.
        """
        return {**vars(self), "size": parse_size(self.size)}

    def request(
        self, source: str, budget_seconds: float, *, seed: int, device: str | None, decisions: Path | None
    ) -> Request:
        """What a run or a stage is asked.

        Raises:
            InputError: the size is none.
        """
        from assay.stages.request import Request

        return Request(source, budget_seconds, seed, device=device, decisions=text_of(decisions), **self.for_opening())


@dataclass(frozen=True)
class Place:
    """Where trainings are done."""

    workers: Workers = None
    on: On = None

    def workplace(self) -> Workplace:
        """As the executors take it.

        Raises:
            InputError: too many workers, or no place.
        """
        from assay.executors.choose import Workplace

        return Workplace(self.workers, self.on)


AS_IT_LIES, HERE = Reading(), Place()
"""Of a command that was given no such options."""


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command as Typer reads it: in place of a parameter that is a group of options, these options."""
    hints = get_type_hints(command, include_extras=True)
    own = inspect.signature(command).parameters.values()
    parameters = [option for one in own for option in _options_of(one, hints[one.name])]

    @wraps(command)
    def gathered(**given: Any) -> None:
        command(**{one.name: _gather(one.name, hints[one.name], given) for one in own})

    gathered.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    gathered.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportAttributeAccessIssue]
    return gathered


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _options_of(parameter: inspect.Parameter, kind: Any) -> list[inspect.Parameter]:
    """The parameter itself, or all that its group holds, groups in it included; each as usual as the group has it."""
    if not _is_group(kind):
        return [parameter.replace(annotation=kind)]
    inner = get_type_hints(kind, include_extras=True)
    usual = kind() if parameter.default is parameter.empty else parameter.default
    held = [(parameter.replace(name=name, default=getattr(usual, name)), inner[name]) for name in inner]
    return [option for one, its_kind in held for option in _options_of(one, its_kind)]


def _gather(name: str, kind: Any, given: Mapping[str, Any]) -> Any:
    """What was given by this name, or for the options of this group, as one value."""
    if not _is_group(kind):
        return given[name]
    inner = get_type_hints(kind, include_extras=True)
    return kind(**{one.name: _gather(one.name, inner[one.name], given) for one in fields(kind)})


def given_only(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options that were given: None, False and an empty list count as not given."""
    # By identity: 0 equals False, and is a seed, or is refused or taken by its own rule.
    return {name: value for name, value in values.items() if value is not None and value is not False and value != []}


def exit_if_proved(findings: Iterable[Finding]) -> None:
    """What --strict asks for.

    Raises:
        Exit: with 1, where one of them is proved.
    """
    if any(finding.level == "proved" for finding in findings):
        raise typer.Exit(1)


def text_of(path: Path | None) -> str | None:
    """As a request keeps it."""
    return None if path is None else str(path)


def parse_size(text: str | None) -> tuple[int, int] | None:
    """`32` or `48x64` as (height, width).

    Raises:
        InputError: not one or two positive whole numbers.
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise InputError(f"--size {text!r} is not a size; write --size 32 or --size 48x64 (height x width, in pixels)")
    return int(parts[0]), int(parts[-1])
