"""`assay clean SOURCE`: which labels look wrong; `--apply decisions.jsonl` writes the corrected view."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assay.cli import alone, options
from assay.errors import InputError

if TYPE_CHECKING:
    from assay.audit.cleaning import Cleaning
    from assay.data.data import Data
    from assay.stages.session import Announce

Members = Annotated[
    list[str] | None,
    typer.Option("--member", help="A further judge, as module:factory; may be given again.", show_default=False),
]
Folds = Annotated[int | None, typer.Option(min=2, help="Folds; 5, or 3 where time is short.", show_default=False)]
Reviews = Annotated[
    Path | None,
    typer.Option(help="What was reviewed so far (JSONL): gives the precision of flags.", show_default=False),
]
Unlabelled = Annotated[
    Path | None, typer.Option(help="Examples without labels to sort too: a folder or a file.", show_default=False)
]
Apply = Annotated[
    Path | None,
    typer.Option(help="Write the data as these decisions (JSONL) correct it to --out.", show_default=False),
]


@options.spread
def clean(
    source: options.Source,
    budget: Annotated[str, typer.Option(help="Time for everything: 90s, 2m, 1.5h.")] = "10m",
    out: options.Out = None,
    member: Members = None,
    folds: Folds = None,
    decisions: Reviews = None,
    apply: Apply = None,
    unlabelled: Unlabelled = None,
    reading: options.Reading = options.AS_IT_LIES,
    seed: options.Seed = 0,
    device: options.Device = None,
    json: options.Json = False,
    strict: options.Strict = False,
) -> None:
    """Rank suspicious labels by several models; the source is never changed."""
    if apply is not None and out is None:
        raise InputError("--apply needs --out FOLDER for the corrected view; the source is never changed")
    with alone.shown_work() as announce:
        from assay.budget import parse_seconds
        from assay.data.open import open_data

        seconds = parse_seconds(budget)
        log = _read(decisions if apply is None else apply)
        factories = {text.rsplit(":", 1)[-1]: load_factory(text) for text in member or ()}
        folder = out if apply is not None and out is not None else choose_place(source, out)
        # A corrected copy must not leave out silently what could not be read.
        data = open_data(source, seed=seed, tolerant=apply is None, **reading.for_opening())
        if apply is not None:
            return write_view(data, source, log, folder, target=reading.target, as_json=json)
        found = judge(data, folder, unlabelled, announce, budget_seconds=seconds, members=factories, folds=folds,
                      decisions=log, seed=seed, device=device)  # fmt: skip
    show(found, folder, as_json=json)
    if strict:
        options.exit_if_proved(found.findings)


def choose_place(source: str, out: Path | None) -> Path:
    """--out, or `assay-runs/clean-NAME`; what is there of a cleaning is gone on with.

    Raises:
        InputError: nothing can be written there, or it holds something else.
    """
    from assay.audit.cleaning import TABLE, WORK
    from assay.cli.folders import ROOT, STARTED, plain_name, require_writable

    folder = out or ROOT / f"clean-{plain_name(source)}"
    require_writable(folder)
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
    if held and not held & {WORK, TABLE, *STARTED}:
        raise InputError(f"--out {folder}: holds files of another kind; name an empty or a new folder")
    return folder


def judge(
    data: Data, folder: Path, unlabelled: Path | None, announce: Announce, *, budget_seconds: float, **asked: Any
) -> Cleaning:
    """Under a progress bar; Ctrl-C keeps what is finished."""
    from assay.audit.cleaning import clean as clean_labels
    from assay.audit.cleaning.unlabelled import read_unlabelled
    from assay.budget import Budget
    from assay.cli.folders import StoppedError
    from assay.stages.session import Progress

    # Before anything is trained.
    more, clock = None if unlabelled is None else read_unlabelled(data, unlabelled), Budget(budget_seconds)

    def tell(text: str, done: float) -> None:
        announce(Progress("clean", text, done, clock.used, clock.total))

    try:
        found = clean_labels(data, folder=folder, budget_seconds=budget_seconds, announce=tell, **asked)
        if more is None:
            return found
        same = {name: asked[name] for name in ("members", "seed", "device")}
        return found.with_additions(more, folder=folder, announce=tell, **same)
    except KeyboardInterrupt as stop:
        raise StoppedError("give the same command again to go on with what is finished") from stop


def show(found: Cleaning, folder: Path, *, as_json: bool) -> None:
    """The findings, and where table and proposals lie."""
    from assay.audit.cleaning import ADDITIONS, PROPOSALS, TABLE
    from assay.cli.printing import print_report

    print_report(found.report, as_json=as_json)
    stream = sys.stderr if as_json else sys.stdout
    print(f"table: {folder / TABLE}", file=stream)
    if any(finding.id == "additions" for finding in found.findings):
        print(f"additions: {folder / ADDITIONS}", file=stream)
    print(f"proposals: {folder / PROPOSALS} ({len(found.proposals)}; nothing applies them by itself)", file=stream)


def write_view(data: Data, source: str, log: Any, out: Path, *, target: str | None, as_json: bool) -> None:
    """The corrected view, and what was done."""
    from assay.audit.cleaning.corrected_view import write_corrected
    from assay.cli.printing import print_report

    report = write_corrected(data, source, log, out, target=target)
    print_report(report, as_json=as_json)


def load_factory(text: str) -> Callable[[], Any]:
    """What `module:factory` names, looked for in the working folder too.

    Raises:
        InputError: it is not of that form, cannot be imported, or cannot be called.
    """
    module, colon, name = text.rpartition(":")
    if not (module and colon and name):
        raise InputError(f"--member {text!r} must be module:factory, such as my_models:make_forest")
    sys.path.insert(0, "")
    try:
        factory = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise InputError(f"--member {text!r}: {module} cannot be imported ({error}); is it in this folder?") from error
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise InputError(f"--member {text!r}: {module} fails when it is imported ({said:.300}); mend it") from error
    finally:
        sys.path.remove("")
    if not callable(factory):
        raise InputError(f"--member {text!r}: {module} has no function {name}; name one that makes a new model")
    return factory


def _read(path: Path | None) -> Any:
    from assay.audit.decisions import read_decisions

    return None if path is None else read_decisions(path)
