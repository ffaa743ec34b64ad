""".npz and .npy files: arrays of examples, read without ever unpickling anything."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.data.encoders import ArrayEncoder, Encoder, ImageEncoder
from assay.data.examples import Examples, Options
from assay.data.labels import encode_labels, looks_continuous
from assay.data.specification import Task
from assay.errors import InputError
from assay.finding import Finding

INPUT_NAMES = ("inputs", "x", "X")
TARGET_NAMES = ("targets", "y", "Y", "labels")
PART_SUFFIXES = {"train": ("_train",), "validation": ("_validation", "_valid", "_val"), "test": ("_test",)}


def read_arrays(path: Path, options: Options) -> Examples:
    """`inputs` and `targets` (or x and y), or such pairs with _train, _val and _test.

    Raises:
        InputError: pickled objects, missing arrays, arrays of different lengths, or cells that are
            missing or infinite (without --impute, which mends vectors only).
    """
    options.refuse(f"{path}: an array file", "size", "skip_bad")
    if path.suffix.lower() != ".npz":
        raise InputError(f"{path}: one array has inputs but no targets; save both with numpy.savez(inputs=, targets=)")
    arrays = load_arrays(path)
    parts = {part: pair for part, suffixes in PART_SUFFIXES.items() if (pair := _pair(path, arrays, suffixes, options))}
    if parts and "train" not in parts:
        raise InputError(f"{path}: has no x_train and y_train; it holds {_names(arrays)}")
    whole = None if parts else _pair(path, arrays, ("",), options)
    if not parts and whole is None:
        wanted = f"--target {options.target}" if options.target else "targets (or y)"
        raise InputError(f"{path}: needs the arrays inputs (or x) and {wanted}; it holds {_names(arrays)}")
    pairs = list(parts.values()) if whole is None else [whole]
    inputs = _joined(path, [as_inputs(path, pair.inputs) for pair in pairs])
    if inputs.dim() != 2:
        options.refuse(f"{path}: an array of images", "impute")
    names = [part for part, pair in parts.items() for _ in range(len(pair.targets))]
    rows = [f"row {row}" for pair in pairs for row in range(1, len(pair.targets) + 1)]
    ids = tuple(f"{part} {row}" for part, row in zip(names, rows, strict=True)) if parts else tuple(rows)
    task, classes, targets, found = _as_targets(path, np.concatenate([pair.targets for pair in pairs]), ids)
    check_finite(inputs, str(path), ids=ids, impute=options.impute)
    return Examples(
        name=path.stem,
        task=task,
        inputs=inputs,
        targets=targets,
        ids=ids,
        encoder=encoder_of(inputs),
        classes=classes,
        parts=tuple(names) or None,
        groups=None if options.group is None else _groups(path, arrays, options.group, len(inputs)),
        findings=(found, *_ignored_finding(arrays, {used for pair in pairs for used in pair.names}, options)),
    )


def read_inputs(path: Path) -> Tensor:
    """The examples in the array `inputs` (or `x`, or the only one) of an .npz or .npy file.

    Raises:
        InputError: no such file or array, or pickled objects.
    """
    arrays = load_arrays(path)
    for name in (*INPUT_NAMES, *(arrays if len(arrays) == 1 else ())):
        if name in arrays:
            return as_inputs(path, arrays[name])
    raise InputError(f"{path}: needs an array inputs (or x); it holds {_names(arrays)}")


def load_arrays(path: Path) -> Mapping[str, np.ndarray]:
    """Every array by name; that of an .npy file is called `inputs`.

    Raises:
        InputError: no such file, damaged, or pickled objects (which could run code when read).
    """
    try:
        # numpy leaves a file that it opened itself, and cannot read, open.
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"inputs": loaded}
            with loaded:
                return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the path") from error
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError) as error:
        if "pickled (object) data" in str(error):
            # What numpy says of every file whose first bytes it does not know.
            raise InputError(
                f"{path}: neither an .npz nor an .npy file; pickled objects, which could run code, are refused too; "
                "save arrays with numpy.savez"
            ) from error
        if "allow_pickle" in str(error):
            raise InputError(
                f"{path}: refused, it holds pickled objects, which could run code; "
                "save arrays of numbers or text (for labels: numpy.array(labels, dtype=str))"
            ) from error
        raise InputError(f"{path}: not a complete .npz or .npy file ({error}); save it again") from error


def as_inputs(path: Path, array: np.ndarray) -> Tensor:
    """Examples as the network takes them: bytes (n, channels, height, width) or floats.

    (n,) and (n, features) become float vectors; (n, height, width) one-channel images; of (n, a, b, c)
    the last dimension is taken for channels if it is 1 or 3 and the second is not. Whole numbers from
    0 to 255 in images become bytes.

    Raises:
        InputError: text, complex numbers, or no examples dimension.
    """
    if array.dtype.kind not in "buif" or not 1 <= array.ndim <= 4 or 0 in array.shape:
        found = f"{array.dtype} of shape {array.shape}"
        raise InputError(f"{path}: inputs must be numbers in 1 to 4 dimensions (examples first), got {found}")
    if array.ndim <= 2:
        return torch.from_numpy(_floats(array.reshape(len(array), math.prod(array.shape[1:]))))
    if array.ndim == 3:
        array = array[:, None]
    elif array.shape[3] in (1, 3) and array.shape[1] not in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    whole = array.dtype.kind in "bui"
    byte = array.dtype == np.uint8 or (whole and array.size and int(array.min()) >= 0 and int(array.max()) <= 255)
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.uint8) if byte else _floats(array))


def _floats(array: np.ndarray) -> np.ndarray:
    """In 32 bits; what is too large becomes infinite and is named as such by `check_finite`."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def encoder_of(inputs: Tensor) -> Encoder:
    """Byte images can be read from image files too; anything else only from arrays."""
    shape = tuple(inputs.shape[1:])
    if inputs.dtype == torch.uint8 and len(shape) == 3 and shape[0] in (1, 3):
        return ImageEncoder(*shape)
    return ArrayEncoder(shape)


def check_finite(inputs: Tensor, where: str, *, impute: bool, ids: Sequence[str] = ()) -> None:
    """Missing or infinite cells are named, or left for `impute` when it can mend them.

    Args:
        ids: what each example is called; rows counted from 1 without it.
    Raises:
        InputError: names the first cell and their number.
    """
    bad = ~torch.isfinite(inputs)
    count = int(bad.sum())
    if count == 0 or (impute and inputs.dim() == 2):
        return
    first = bad.nonzero()[0].tolist()
    value = float(inputs[tuple(first)])
    row = ids[first[0]] if ids else f"row {first[0] + 1}"
    place = f"{row}, column {first[1] + 1}" if inputs.dim() == 2 else f"{row}, position {first[1:]}"
    remedy = "mend or remove them, or train with --impute to fill them" if inputs.dim() == 2 else "mend or remove them"
    raise InputError(f"{where}: {count} missing or infinite cells, the first in {place} ({value}); {remedy}")


@dataclass(frozen=True)
class _Pair:
    inputs: np.ndarray
    targets: np.ndarray
    names: tuple[str, str]


def _pair(path: Path, arrays: Mapping[str, np.ndarray], suffixes: tuple[str, ...], options: Options) -> _Pair | None:
    """The inputs and targets whose names end in one of `suffixes`, or nothing."""
    target_names = (options.target,) if options.target else TARGET_NAMES
    for suffix in suffixes:
        inputs = [name + suffix for name in INPUT_NAMES if name + suffix in arrays]
        targets = [name + suffix for name in target_names if name + suffix in arrays]
        if not inputs or not targets:
            continue
        examples, answers = arrays[inputs[0]], arrays[targets[0]]
        if answers.shape[1:] == (1,):
            answers = answers[:, 0]
        shapes = f"inputs {examples.shape} and targets {answers.shape}"
        if examples.ndim and len(examples) == 0 and len(np.atleast_1d(answers)) == 0:
            raise InputError(f"{path}: holds no examples, got {shapes}; save the arrays with their rows")
        if answers.ndim != 1 or examples.ndim == 0 or len(examples) != len(answers):
            raise InputError(f"{path}: needs one target an example, got {shapes}; one-hot rows: take their argmax")
        return _Pair(examples, answers, (inputs[0], targets[0]))
    return None


def _joined(path: Path, parts: list[Tensor]) -> Tensor:
    shapes = {tuple(part.shape[1:]) for part in parts}
    if len(shapes) > 1:
        raise InputError(f"{path}: examples of all parts must have one shape, got {sorted(shapes)}")
    kind = torch.uint8 if all(part.dtype == torch.uint8 for part in parts) else torch.float32
    return torch.cat([part.to(kind) for part in parts]) if len(parts) > 1 else parts[0]


def _as_targets(path: Path, targets: np.ndarray, ids: Sequence[str]) -> tuple[Task, tuple[str, ...], Tensor, Finding]:
    """Text and whole-number types are classes; floating-point numbers are too if they look like it."""
    if targets.dtype.kind not in "USbuif":
        raise InputError(f"{path}: targets must be text or numbers, got {targets.dtype}")
    if targets.dtype.kind == "f":
        finite = np.isfinite(targets)
        if not finite.all():
            row = int(np.flatnonzero(~finite)[0])
            count = int((~finite).sum())
            raise InputError(
                f"{path}: {count} targets are missing or infinite, the first in {ids[row]} ({targets[row]}); "
                "remove them"
            )
        if looks_continuous(targets.tolist()):
            found = task_finding("regression", f"targets are {targets.dtype} with {len(np.unique(targets))} values")
            return "regression", (), torch.from_numpy(targets.astype(np.float32)), found
        targets = targets.astype(np.int64)
    text = np.char.decode(targets, "utf-8") if targets.dtype.kind == "S" else targets
    classes, indices = encode_labels(text.tolist())
    found = task_finding("classification", f"targets are {targets.dtype} with {len(classes)} values")
    return "classification", classes, indices, found


def task_finding(task: Task, reason: str) -> Finding:
    """The note that says what was inferred and how to have it otherwise."""
    other = (
        "For classification write the classes as words or, in an array, as integers."
        if task == "regression"
        else "For regression give numbers with fractions, or more than 20 different ones."
    )
    summary = f"The task was inferred: {task}, because {reason}."
    return Finding(id="task_inferred", level="note", summary=summary, evidence={"task": task}, fix=other)


def _groups(path: Path, arrays: Mapping[str, np.ndarray], name: str, count: int) -> tuple[str, ...]:
    if name not in arrays or arrays[name].shape != (count,):
        raise InputError(f"{path}: --group {name} must be an array of {count} names; it holds {_names(arrays)}")
    return tuple(str(value) for value in arrays[name].tolist())


def _ignored_finding(arrays: Mapping[str, np.ndarray], used: set[str], options: Options) -> tuple[Finding, ...]:
    ignored = {name: list(array.shape) for name, array in arrays.items() if name not in (*used, options.group)}
    if not ignored:
        return ()
    return (
        Finding(
            id="arrays_ignored",
            level="note",
            summary=f"{len(ignored)} array(s) of the file were left out: {', '.join(list(ignored)[:5])}.",
            evidence={"shapes": dict(list(ignored.items())[:20]), "used": sorted(used)},
            fix="Nothing to do, unless they should count: join inputs into one array x, name the targets with "
            "--target and groups with --group.",
        ),
    )


def _names(arrays: Mapping[str, np.ndarray]) -> str:
    return ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
