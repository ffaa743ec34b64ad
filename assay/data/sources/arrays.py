""".npz files as a source: inputs and targets by the names that people give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.data.encoders import ArrayEncoder, Encoder, ImageEncoder
from assay.data.examples import Examples, Options
from assay.data.labels import encode_labels, looks_continuous, task_finding
from assay.data.reading.arrays import INPUT_NAMES, as_inputs, check_finite, load_arrays, say_arrays
from assay.data.specification import Task
from assay.errors import InputError
from assay.finding import Finding

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
        raise InputError(f"{path}: has no x_train and y_train; it holds {say_arrays(arrays)}: add them, or save "
                         "one pair x and y, which is then split")  # fmt: skip
    whole = None if parts else _pair(path, arrays, ("",), options)
    if not parts and whole is None:
        wanted = f"--target {options.target}" if options.target else "targets (or y)"
        raise InputError(f"{path}: needs the arrays inputs (or x) and {wanted}; it holds {say_arrays(arrays)}: "
                         "rename them")  # fmt: skip
    pairs = list(parts.values()) if whole is None else [whole]
    inputs = _joined(path, [as_inputs(path, pair.inputs) for pair in pairs])
    if inputs.dim() != 2:
        options.refuse(f"{path}: an array of images", "impute")
    names = [part for part, pair in parts.items() for _ in range(len(pair.targets))]
    rows = [f"row {row}" for pair in pairs for row in range(1, len(pair.targets) + 1)]
    ids = tuple(f"{part} {row}" for part, row in zip(names, rows, strict=True)) if parts else tuple(rows)
    task, classes, targets, found = _as_targets(path, np.concatenate([pair.targets for pair in pairs]), ids)
    if not options.tolerant:
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


def encoder_of(inputs: Tensor) -> Encoder:
    """Byte images can be read from image files too; anything else only from arrays."""
    shape = tuple(inputs.shape[1:])
    if inputs.dtype == torch.uint8 and len(shape) == 3 and shape[0] in (1, 3):
        return ImageEncoder(*shape)
    return ArrayEncoder(shape)


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
        raise InputError(f"{path}: examples of all parts must have one shape, got {sorted(shapes)}; resize or cut "
                         "them")  # fmt: skip
    kind = torch.uint8 if all(part.dtype == torch.uint8 for part in parts) else torch.float32
    return torch.cat([part.to(kind) for part in parts]) if len(parts) > 1 else parts[0]


def _as_targets(path: Path, targets: np.ndarray, ids: Sequence[str]) -> tuple[Task, tuple[str, ...], Tensor, Finding]:
    """Text and whole-number types are classes; floating-point numbers are too if they look like it."""
    if targets.dtype.kind not in "USbuif":
        raise InputError(f"{path}: targets must be text or numbers, got {targets.dtype}; convert them with astype(str) "
                         "or astype(int)")  # fmt: skip
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


def _groups(path: Path, arrays: Mapping[str, np.ndarray], name: str, count: int) -> tuple[str, ...]:
    if name not in arrays or arrays[name].shape != (count,):
        raise InputError(f"{path}: --group {name} must be an array of {count} names; it holds {say_arrays(arrays)}: "
                         "add it, or leave --group out")  # fmt: skip
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
