"""A folder of class folders, with or without train, validation and test folders above them."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch

from assay.data.encoders import ImageEncoder
from assay.data.examples import Examples, Options
from assay.data.reading.headers import Header, Headers, read_header
from assay.data.reading.images import SUFFIXES
from assay.data.sources.printable import is_decoded, printable, sayable
from assay.data.sources.unreadable import say_unreadable
from assay.data.splitting import groups_from_pattern
from assay.data.stream import ImageFiles, in_threads
from assay.errors import InputError
from assay.finding import Finding

PART_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}

LONGEST_INSPECTED = 128
"""Pixels a side, for an inspection that was given no size: enough to see by, little to read."""


@dataclass(frozen=True)
class Listed:
    """One image file: its path under the root, its class and its part."""

    path: str
    label: str
    part: str

    @property
    def id(self) -> str:
        """The path as text that can be printed; `path_of` gives the path again."""
        return printable(self.path)


def read_folder(root: Path, options: Options, *, name: str | None = None) -> Examples:
    """The images under `root` as lazy inputs; only their headers are read here.

    Raises:
        InputError: no class folders, an empty class, a class unknown to the training part, files
            that are no images (without --skip-bad), or images of several sizes (without --size).
    """
    options.refuse("a folder of images", "target", "impute")
    listed, ignored, divided = list_images(root)
    classes = _classes(root, listed, divided)
    listed, headers, unreadable = _read_headers(root, listed, skip_bad=options.skips_bad)
    usual = _usual_size(headers) if options.tolerant else None
    height, width = options.size or usual or _common_size(root, listed, headers)
    channels = max((header.channels for header in headers), default=1)
    encoder = ImageEncoder(channels, height, width, resize=(options.size or usual) is not None)
    ids = tuple(item.id for item in listed)
    index = {label: position for position, label in enumerate(classes)}
    return Examples(
        name=sayable(name or root.resolve().name),
        task="classification",
        inputs=ImageFiles(str(root), tuple(item.path for item in listed), encoder),
        targets=torch.tensor([index[item.label] for item in listed], dtype=torch.int64),
        ids=ids,
        encoder=encoder,
        classes=classes,
        parts=tuple(item.part for item in listed) if divided else None,
        groups=None if options.group is None else groups_from_pattern(ids, options.group),
        findings=(
            *_ignored_finding(ignored),
            *_odd_names_finding(listed),
            *(_scaled_finding(headers, usual) if not options.size else ()),
        ),
        unreadable=unreadable,
        headers=Headers(str(root), dict(zip(ids, headers, strict=True))),
    )


def list_images(root: Path) -> tuple[list[Listed], list[str], bool]:
    """Images by part and class in name order, files that are none, and whether there are parts."""
    top = _descend(root)
    folders = _subfolders(top)
    parts = {folder.name: PART_NAMES.get(folder.name.lower()) for folder in folders}
    divided = all(parts.values()) and "train" in parts.values()
    homes = [(str(parts[f.name]), inner) for f in folders for inner in _subfolders(f)] if divided else None
    for folder in folders:
        if divided and not _subfolders(folder):
            raise InputError(f"{folder}: has no class folders; sort its images into classes or move the folder away")
    listed, ignored = list[Listed](), list[str]()
    for part, folder in homes or [("train", folder) for folder in folders]:
        images, others = _files_under(folder)
        ignored += [printable(str(path.relative_to(root))) for path in others]
        if not images:
            raise InputError(f"{folder}: this class folder holds no images; add some or remove the folder")
        listed += [Listed(str(path.relative_to(root)), printable(folder.name), part) for path in images]
    if not listed:
        kinds = ", ".join(sorted(SUFFIXES))
        raise InputError(f"{root}: no class folders with images ({kinds}); put each class into a folder of its name")
    return listed, ignored, divided


def _descend(root: Path) -> Path:
    """Past a single wrapping folder, as zip files often have one."""
    folders = _subfolders(root)
    while len(folders) == 1 and _subfolders(folders[0]) and folders[0].name.lower() not in PART_NAMES:
        root, folders = folders[0], _subfolders(folders[0])
    return root


def _subfolders(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _files_under(folder: Path) -> tuple[list[Path], list[Path]]:
    images, others = list[Path](), list[Path]()
    for where, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            path = Path(where, name)
            (images if path.suffix.lower() in SUFFIXES else others).append(path)
    return images, others


def _read_headers(
    root: Path, listed: list[Listed], *, skip_bad: bool
) -> tuple[list[Listed], list[Header], tuple[str, ...]]:
    kept, headers, unreadable = list[Listed](), list[Header](), list[str]()
    answers = in_threads(lambda index: read_header(root / listed[index].path), range(len(listed)))
    for item, answer in zip(listed, answers, strict=True):
        if isinstance(answer, InputError):
            unreadable.append(sayable(str(answer)))
        else:
            kept.append(item)
            headers.append(answer)
    if unreadable and not skip_bad:
        raise InputError(say_unreadable(unreadable))
    return kept, headers, tuple(unreadable)


def _common_size(root: Path, listed: list[Listed], headers: list[Header]) -> tuple[int, int]:
    found = defaultdict[tuple[int, int], list[str]](list)
    for item, header in zip(listed, headers, strict=True):
        found[header.height, header.width].append(item.id)
    if not found:
        raise InputError(f"{root}: none of its image files can be read; give other files")
    ranked = sorted(found.items(), key=lambda pair: -len(pair[1]))
    if len(ranked) > 1:
        (first, many), (second, few) = ranked[:2]
        more = f" and {len(ranked) - 2} more sizes" if len(ranked) > 2 else ""
        raise InputError(
            f"{root}: images differ in size (height x width): {first[0]}x{first[1]} ({len(many)} files, such as "
            f"{many[0]}), {second[0]}x{second[1]} ({len(few)} files, such as {few[0]}){more}; choose one size for "
            f"all with --size, for instance --size {first[0]}x{first[1]}"
        )
    return ranked[0][0]


def _usual_size(headers: list[Header]) -> tuple[int, int] | None:
    """For an inspection of images of several sizes: their medians, and no side longer than 128; else nothing."""
    if len({(header.height, header.width) for header in headers}) < 2:
        return None
    height, width = (median(getattr(header, side) for header in headers) for side in ("height", "width"))
    shrink = max(1.0, max(height, width) / LONGEST_INSPECTED)
    return max(1, round(height / shrink)), max(1, round(width / shrink))


def _scaled_finding(headers: list[Header], usual: tuple[int, int] | None) -> tuple[Finding, ...]:
    if usual is None:
        return ()
    sizes = len({(header.height, header.width) for header in headers})
    return (
        Finding(
            id="several_sizes",
            level="note",
            summary=f"The {len(headers)} images are of {sizes} sizes; here they were scaled to {usual[0]}x{usual[1]} "
            "(height x width).",
            evidence={"n": len(headers), "sizes": sizes, "scaled_to": list(usual)},
            fix=f"Choose one size for all with --size, for instance --size {usual[0]}x{usual[1]}: a training asks for "
            "it.",
        ),
    )


def _classes(root: Path, listed: list[Listed], divided: bool) -> tuple[str, ...]:
    classes = sorted({item.label for item in listed})
    trained = {item.label for item in listed if item.part == "train"}
    unknown = [item for item in listed if item.label not in trained]
    if divided and unknown:
        first = unknown[0]
        raise InputError(
            f"{root}: class {first.label!r} is in the {first.part} folder but not in train (such as {first.id}); "
            f"train has {', '.join(sorted(trained))}. Add training images of it, or remove the class"
        )
    return tuple(classes)


def _odd_names_finding(listed: list[Listed]) -> tuple[Finding, ...]:
    odd = [item.id for item in listed if not is_decoded(item.path)]
    if not odd:
        return ()
    names = "names of files or folders are" if len(odd) > 1 else "name of a file or its folder is"
    return (
        Finding(
            id="names_not_utf8",
            level="note",
            summary=f"{len(odd):,} {names} not UTF-8, such as {odd[0]}; they are read, with their bytes written out.",
            evidence={"count": len(odd), "files": odd[:20]},
            cause="A copy from a system or an archive with another character set.",
            fix="Rename them: other programs may not find these files.",
        ),
    )


def _ignored_finding(ignored: list[str]) -> tuple[Finding, ...]:
    if not ignored:
        return ()
    return (
        Finding(
            id="ignored_files",
            level="note",
            summary=f"{len(ignored)} files in class folders are not images and were left out, such as {ignored[0]}.",
            evidence={"files": ignored[:20], "count": len(ignored)},
            fix="Nothing to do, unless they are images under another name.",
        ),
    )
