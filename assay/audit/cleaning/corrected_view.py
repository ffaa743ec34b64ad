"""Data as its reviewers corrected it, for other tools: class folders, a table or arrays; the source stays as it is.

class folders    hard links to the source's files, in the folder of their class now; copies where links cannot be
CSV, Parquet     the same columns, the target corrected, dropped rows left out
.npz, and data sets that are known by name    the same arrays
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from assay.audit.cleaning.arrays import save_arrays
from assay.audit.cleaning.relabelled import relabel_array, relabel_column, require_labels, words_of
from assay.audit.decisions import DecisionLog, apply_decisions, label_now
from assay.audit.decisions.decision import Label
from assay.data.data import Data
from assay.data.encoders import TABLE_SUFFIXES
from assay.data.reading.arrays import load_arrays
from assay.data.sources.archive import home_of
from assay.data.sources.arrays import PART_SUFFIXES, TARGET_NAMES
from assay.data.sources.printable import path_of
from assay.errors import InputError
from assay.finding import Finding, Report

PARTS = ("train", "validation", "test")
SET_ASIDE = ("unreadable_files", "rows_without_target")
"""Findings of a reading whose `count` is of examples that it left out."""
PARQUET = (".parquet", ".pq")


@dataclass(frozen=True)
class Corrected:
    """labels: of every example that stays, by id, in the order of the splits. was: those of the source."""

    labels: Mapping[str, Label]
    was: Mapping[str, Label]

    @property
    def changed(self) -> dict[str, Label]:
        return {id: label for id, label in self.labels.items() if label != self.was[id]}


def write_corrected(data: Data, source: str, log: DecisionLog, out: Path, *, target: str | None = None) -> Report:
    """Write the view to a new folder, whole or not at all, and tell what was done.

    Raises:
        InputError: the folder is the source, lies in it or holds something; a decision does not fit the data.
    """
    started, path = time.perf_counter(), Path(source).expanduser()
    require_apart(path, out)
    after = apply_decisions(data, log)
    corrected = Corrected(_labels(after), _labels(data))
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
            place = Path(scratch) / "view"
            place.mkdir()
            how = _write(data, path, corrected, place, target)
            if out.is_dir():
                out.rmdir()
            os.replace(place, out)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror or error}); name another folder") from error
    findings = (*after.findings[len(data.findings) :], _tell(corrected, set_aside(data), out, how))
    return Report("clean --apply", findings, (), time.perf_counter() - started)


def set_aside(data: Data) -> int:
    """How many examples of the source reading left out on the user's wish."""
    return sum(found.evidence["count"] for found in data.findings if found.id in SET_ASIDE)


def _tell(corrected: Corrected, aside: int, out: Path, how: str) -> Finding:
    n, written, relabelled = len(corrected.was) + aside, len(corrected.labels), len(corrected.changed)
    left = f" {aside:,} that could not be read are not in it." if aside else ""
    return Finding(
        "corrected_view", "note",
        f"{written:,} of {n:,} examples were written to {out}, {relabelled:,} of them with another label; {how}.{left}",
        evidence={"n": n, "written": written, "relabelled": relabelled, "set_aside": aside},
    )  # fmt: skip


def require_apart(source: Path, out: Path) -> None:
    """Refuse to write into what is read, or over anything.

    Raises:
        InputError: says which.
    """
    there, here = source.resolve(), out.resolve()
    if source.exists() and (here == there or there in here.parents):
        raise InputError(f"--out {out}: lies in the source, which is never changed; name a folder elsewhere")
    if source.exists() and here in there.parents:
        raise InputError(f"--out {out}: holds the source, which is never changed; name a new folder")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"--out {out}: is there and holds something; name a new folder")


def _labels(data: Data) -> dict[str, Label]:
    return {
        id: label_now(data, name, position)
        for name in PARTS
        for position, id in enumerate(getattr(data, name).ids)
    }  # fmt: skip


def _write(data: Data, source: Path, corrected: Corrected, place: Path, target: str | None) -> str:
    """Write in the form of the source; says how."""
    suffix = source.suffix.lower()
    if source.is_dir() or suffix == ".zip":
        return _link_images(source if source.is_dir() else home_of(source), corrected, place)
    if suffix in TABLE_SUFFIXES and source.is_file():
        return _write_table(source, corrected, place, str(target))
    if source.is_file():
        return _write_arrays(source, corrected, place, target)
    return _write_named(data, corrected, place)


def _link_images(root: Path, corrected: Corrected, place: Path) -> str:
    """Every image in the folder of its class now; a name that is taken there gets the old class before it."""
    depth, copied, taken = class_depth(corrected.was), 0, set[PurePosixPath]()
    changed = corrected.changed
    # Those that stay come first, so that they keep their names.
    for id in sorted(corrected.labels, key=lambda id: id in changed):
        parts = PurePosixPath(id).parts
        goal = PurePosixPath(*parts[:depth], str(corrected.labels[id]), *parts[depth + 1 :])
        while goal in taken:
            goal = goal.with_name(f"{corrected.was[id]}-{goal.name}")
        taken.add(goal)
        target = place / path_of(str(goal))
        target.parent.mkdir(parents=True, exist_ok=True)
        copied += not _link(root / path_of(id), target)
    how = "hard links: to change a picture, put a new file in its place"
    return how if not copied else f"{copied:,} as copies" if copied == len(taken) else f"{how}; {copied:,} are copies"


def _link(source: Path, target: Path) -> bool:
    """Whether it could be a link; else the file is copied."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)
        return False
    return True


def class_depth(labels: Mapping[str, Label]) -> int:
    """Which folder of the paths is the class: the first that is so for all.

    Raises:
        InputError: none is.
    """
    paths = {id: PurePosixPath(id).parts for id in labels}
    for depth in range(min(map(len, paths.values())) - 1):
        if all(paths[id][depth] == str(label) for id, label in labels.items()):
            return depth
    raise InputError("the source's files do not lie in folders of their classes; a view of them cannot be written")


def _write_table(source: Path, corrected: Corrected, place: Path, target: str) -> str:
    from assay.data.reading.cells import cells_of
    from assay.data.reading.delimited import find_separator
    from assay.data.reading.table import read_as_written, read_table

    table, rows, path = read_as_written(source), _rows_by_number(corrected), place / source.name
    changed = _rows_by_number(corrected, only=corrected.changed)
    column = relabel_column(table.get_column(target), cells_of(source, read_table(source), target), changed)
    written = table.with_columns(column)[sorted(rows)]
    if source.suffix.lower() in PARQUET:
        written.write_parquet(path)
    else:
        written.write_csv(path, separator=find_separator(source))
    require_labels(source.name, cells_of(path, read_table(path), target), rows)
    return f"as {source.name}"


def _write_arrays(source: Path, corrected: Corrected, place: Path, target: str | None) -> str:
    """Arrays of one part share their number of rows and the end of their names; others stay as they are."""
    arrays, path = dict(load_arrays(source)), place / source.name
    parts, labels = _target_arrays(arrays, target), dict[str, dict[int, Label]]()
    for part, (name, suffix) in parts.items():
        prefix, n = f"{part} row " if part else "row ", len(arrays[name])
        changed = _rows_by_number(corrected, prefix=prefix, only=corrected.changed)
        arrays[name] = relabel_array(arrays[name], changed)
        labels[name] = _rows_by_number(corrected, prefix=prefix)
        for other, held in arrays.items():
            if held.ndim and len(held) == n and other.endswith(suffix):
                arrays[other] = held[sorted(labels[name])]
    save_arrays(path, arrays)
    again = load_arrays(path)
    for name, wanted in labels.items():
        require_labels(f"{source.name}, array {name}", words_of(again[name]), wanted)
    return f"as {source.name}"


def _target_arrays(arrays: Mapping[str, np.ndarray], target: str | None) -> dict[str, tuple[str, str]]:
    """The array of targets of each part, and how the names of its part end; the part is "" where there is one."""
    names = (target,) if target else TARGET_NAMES
    found = {
        part: (name + suffix, suffix)
        for part, suffixes in PART_SUFFIXES.items()
        for suffix in reversed(suffixes)
        for name in reversed(names)
        if name + suffix in arrays
    }
    return found or {"": (next(name for name in names if name in arrays), "")}


def _rows_by_number(
    corrected: Corrected, *, prefix: str = "row ", only: Mapping[str, Label] | None = None
) -> dict[int, Label]:
    """Labels by row, from 0, of ids such as `row 3` or `train row 3`."""
    labels = corrected.labels if only is None else only
    return {int(id[len(prefix) :]) - 1: label for id, label in labels.items() if id.startswith(prefix)}


def _write_named(data: Data, corrected: Corrected, place: Path) -> str:
    arrays = dict[str, np.ndarray]()
    for name in PARTS:
        split = getattr(data, name)
        kept = [position for position, id in enumerate(split.ids) if id in corrected.labels]
        labels = [corrected.labels[split.ids[position]] for position in kept]
        arrays[f"x_{name}"] = split.gather(torch.tensor(kept, dtype=torch.int64)).numpy()
        arrays[f"y_{name}"] = np.array(labels)
    save_arrays(place / f"{data.name}.npz", arrays)
    sizes = Counter({name: len(arrays[f"y_{name}"]) for name in PARTS})
    return f"as {data.name}.npz with {', '.join(f'{count:,} in {name}' for name, count in sizes.items())}"
