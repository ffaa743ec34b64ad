"""Runs below some folders, and the one that somebody names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from assay.errors import InputError
from assay.run_comparison.folders import result_folders
from assay.run_comparison.past_run import PastRun, runs_of
from assay.run_folder import ROOT, is_run

STAGE = "#"
"""Between a folder and one of the stages that were asked for alone in it: `study#ablate`."""


def find_runs(roots: Iterable[Path], *, say: Callable[[str], None]) -> list[PastRun]:
    """All runs at and below these folders, what was begun last first.

    Args:
        say: told of each folder or database that was passed by, and why.
    Raises:
        InputError: a folder is not there.
    """
    found: dict[Path, list[PastRun]] = {}
    for root in roots:
        if not root.is_dir():
            raise InputError(f"{root}: there is no such folder; name one with runs below it")
        for folder in result_folders(
            root,
            full=lambda number, root=root: say(f"looked only into the first {number} folders below {root}"),
            closed=lambda error: say(f"skipped {error.filename}: {error.strerror}"),
        ):
            try:
                found.setdefault(folder.resolve(), runs_of(folder, str(folder)))
            except InputError as error:
                say(f"skipped {error}")
    return sorted((run for runs in found.values() for run in runs), key=lambda run: run.when, reverse=True)


def find_run(name: str) -> PastRun:
    """The run in a folder that is named by its path, or by its name in `assay-runs`.

    Of several in one folder it is the one begun last, or with `FOLDER#STAGE` that stage.

    Raises:
        InputError: there is none; says how they are listed, and of a wrong stage which there are.
    """
    place, _, stage = name.partition(STAGE) if not Path(name).is_dir() else (name, "", "")
    folder = next((one for one in (Path(place), ROOT / place) if is_run(one)), None)
    runs = [] if folder is None else runs_of(folder, name)
    if not runs:
        told = "there is no run in this folder" if Path(place).is_dir() else "there is no such folder"
        raise InputError(f"{place}: {told}; `assay runs` lists the runs below here")
    wanted = [run for run in runs if not stage or run.kind == stage]
    if not wanted:
        kinds = ", ".join(sorted({run.kind for run in runs}))
        raise InputError(f"{name}: no {stage} was asked for there; it holds {kinds}")
    return wanted[0]
