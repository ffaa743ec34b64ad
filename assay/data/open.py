"""One door to all data: a name, a path or a Dataset in; three splits and their specification out."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from assay.data.data import Data
from assay.data.encoders import ARRAY_SUFFIXES, TABLE_SUFFIXES
from assay.data.examples import PARTS, Examples, Options, check_classes
from assay.data.imputing import impute as impute_cells
from assay.data.sources.archive import removed_after_errors, unpack_zip
from assay.data.sources.arrays import read_arrays
from assay.data.sources.cifar10 import read_cifar10
from assay.data.sources.digits import read_digits
from assay.data.sources.fashion_mnist import read_fashion_mnist
from assay.data.sources.folder import read_folder
from assay.data.sources.printable import sayable
from assay.data.sources.single_examples import leave_singles_out
from assay.data.sources.torch_dataset import read_dataset
from assay.data.sources.unreadable import say_unreadable, unreadable_finding
from assay.data.specification import Specification
from assay.data.split import Split
from assay.data.splitting import limit_examples, split_examples, strata_of
from assay.data.statistics import normalization_of
from assay.data.stream import ImageFiles, decode_files
from assay.errors import InputError
from assay.finding import Finding

NAMED = {"digits": read_digits, "fashion-mnist": read_fashion_mnist, "cifar10": read_cifar10}


def open_data(
    source: str | Path | Dataset[Any],
    *,
    target: str | None = None,
    group: str | None = None,
    size: tuple[int, int] | int | None = None,
    skip_bad: bool = False,
    impute: bool = False,
    seed: int = 0,
    validation_share: float = 0.2,
    test_share: float = 0.2,
    memory_limit_bytes: int = 2 * 1024**3,
    limit: int | None = None,
    tolerant: bool = False,
) -> Data:
    """Read `source`, split it and fix its specification on the training split.

    Args:
        source: `digits`, `fashion-mnist`, `cifar10`; a folder or zip file of class folders; an .npz,
            CSV or Parquet file; or a map-style Dataset.
        target: the table's column to predict.
        group: a table's column, an array's or attribute's name, or for folders a regular expression
            whose one capture group is searched in each file's path; groups never straddle splits.
        size: (height, width) to scale all images of a folder to; one number for squares.
        skip_bad: leave unreadable images out, with a finding, instead of refusing them.
        impute: fill missing cells from the training split, with a finding, instead of refusing them.
        validation_share, test_share: used where the source has no such part of its own.
        memory_limit_bytes: images that decode to more stay files and are decoded a batch at a time.
        limit: use at most so many training examples, stratified.
        tolerant: for inspections: what a training would refuse (unreadable files, images of several sizes, missing
            cells, words among numbers, rows without a target, classes of one example) is left out, scaled or filled,
            each with a finding that names it.
    Raises:
        InputError: the source or an option is wrong; one line that says where and what to do.
    """
    for name, share in (("validation_share", validation_share), ("test_share", test_share)):
        if not 0.0 < share < 1.0:
            raise InputError(f"{name} must be between 0 and 1, got {share}; the usual value is 0.2")
    if limit is not None and limit < 2:
        raise InputError(f"limit must be at least 2 training examples, got {limit}; leave it out for all of them")
    options = Options(target, group, _checked_size(size), skip_bad, impute, memory_limit_bytes, tolerant)
    with removed_after_errors(source):
        examples = read_examples(source, options)
        examples = leave_singles_out(examples) if tolerant else examples
        examples, splits = _split_and_load(examples, options, seed, (validation_share, test_share), limit)
    splits = {name: _tidy(split) for name, split in splits.items()}
    return Data(
        name=examples.name,
        specification=specification_of(examples, splits["train"], seed=seed),
        findings=(
            *examples.findings,
            *unreadable_finding(examples.unreadable, accepted=options.skip_bad),
            *_straddling(examples),
        ),
        headers=examples.headers,
        texts=examples.texts,
        **splits,
    )


def as_data(data: Data | str | Path | Dataset[Any], *, seed: int = 0, tolerant: bool = False) -> Data:
    """What was opened as it is; anything else that `open_data` takes, opened with its usual options.

    Raises:
        InputError: it is neither, or cannot be read.
    """
    return data if isinstance(data, Data) else open_data(data, seed=seed, tolerant=tolerant)


def read_examples(source: str | Path | Dataset[Any], options: Options) -> Examples:
    """All examples of a source, in its own order; images of folders not yet decoded.

    Raises:
        InputError: the source cannot be read.
    """
    if isinstance(source, Dataset):
        return read_dataset(source, options)
    if not isinstance(source, str | Path):
        raise InputError(f"the source must be {', '.join(NAMED)}, a path or a map-style torch Dataset, got "
                         f"{type(source).__name__}; put arrays into an .npz file or a TensorDataset")  # fmt: skip
    if not str(source).strip():
        raise InputError(f"the source is empty; give a path or one of {', '.join(NAMED)}")
    try:
        return NAMED[str(source)](options) if str(source) in NAMED else read_path(Path(source).expanduser(), options)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = error.filename or source
        raise InputError(f"{place}: cannot be read ({reason}); check the path and its permissions") from error


def read_path(path: Path, options: Options) -> Examples:
    """All examples of a file or folder, by its suffix.

    Raises:
        InputError: no such path, or of a kind that is not known.
    """
    if path.is_dir():
        return read_folder(path, options)
    if not path.exists():
        near = difflib.get_close_matches(str(path), NAMED, n=1)
        guess = f" (did you mean {near[0]!r}?)" if near else ""
        raise InputError(f"{path}: no such file or folder{guess}; give a path or one of {', '.join(NAMED)}")
    if not path.is_file():
        raise InputError(f"{path}: not a file but a pipe, socket or device; save what it gives as a file first")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return read_folder(unpack_zip(path), options, name=path.stem)
    if suffix in ARRAY_SUFFIXES:
        return read_arrays(path, options)
    if suffix in TABLE_SUFFIXES:
        # Importing polars takes a tenth of a second that only tables should cost.
        from assay.data.sources.table import read_rows

        return read_rows(path, options)
    raise InputError(f"{path}: cannot read {suffix or 'a file without suffix'}; give a folder or zip file of class "
                     f"folders, .npz, .csv or .parquet")  # fmt: skip


def specification_of(examples: Examples, train: Split, *, seed: int = 0) -> Specification:
    """What the model must know, from the training split alone.

    Raises:
        InputError: a regression target that never varies.
    """
    shape = tuple(train.gather(torch.tensor([0])).shape[1:])
    fixed = Specification(examples.task, shape, normalization_of(train, seed=seed), examples.encoder, examples.classes)
    if examples.task == "classification":
        counts = torch.bincount(train.targets, minlength=len(examples.classes)).double()
        return replace(fixed, class_frequencies=tuple((counts / counts.sum()).tolist()))
    mean, deviation = train.targets.double().mean().item(), train.targets.double().std(correction=0).item()
    if deviation == 0.0:
        raise InputError(f"{examples.name}: the target is {mean:g} in every training example: there is nothing "
                         "to learn; name another target, or add examples that differ")  # fmt: skip
    return replace(fixed, target_mean=mean, target_std=deviation)


def _split_and_load(
    examples: Examples, options: Options, seed: int, shares: tuple[float, float], limit: int | None
) -> tuple[Examples, dict[str, Split]]:
    """Split, then decode; where files turn out unreadable and may be left out, once more without them.

    The outcome is that of a source in which the bad files never were.
    """
    while True:
        check_classes(examples)
        indices = split_examples(examples, seed=seed, validation_share=shares[0], test_share=shares[1])
        if limit is not None and limit < len(examples.classes):
            raise InputError(f"limit must leave an example of each of {len(examples.classes)} classes, got {limit}; "
                             "give a larger one")  # fmt: skip
        if limit is not None:
            indices["train"] = limit_examples(strata_of(examples), indices["train"], limit, seed)
        if options.imputes:
            level = "suspect" if options.impute else "proved"
            examples = impute_cells(examples, indices["train"], level=level)
        splits = {name: examples.split(indices[name]) for name in PARTS}
        splits, unreadable = _decode(splits, indices, options.memory_limit_bytes)
        if not unreadable:
            return examples, splits
        if not options.skips_bad:
            raise InputError(say_unreadable(list(unreadable.values())))
        examples = examples.without(unreadable)


def _decode(
    splits: dict[str, Split], indices: dict[str, Tensor], memory_limit_bytes: int
) -> tuple[dict[str, Split], dict[int, str]]:
    """The splits in memory where all of them fit, and a message for each example that is unreadable."""
    files = {name: split.inputs for name, split in splits.items() if isinstance(split.inputs, ImageFiles)}
    keep = sum(inputs.decoded_bytes for inputs in files.values()) <= memory_limit_bytes
    unreadable = dict[int, str]()
    for name, inputs in files.items():
        decoded, bad = decode_files(inputs, keep=keep)
        unreadable.update({int(indices[name][position]): sayable(message) for position, message in bad.items()})
        splits[name] = replace(splits[name], inputs=decoded)
    return splits, dict(sorted(unreadable.items()))


def _tidy(split: Split) -> Split:
    return replace(split, inputs=split.inputs.contiguous()) if isinstance(split.inputs, Tensor) else split


def _checked_size(size: tuple[int, int] | int | None) -> tuple[int, int] | None:
    if size is None:
        return None
    height, width = (size, size) if isinstance(size, int) else size
    if not (0 < height <= 8192 and 0 < width <= 8192):
        raise InputError(f"--size must be from 1x1 to 8192x8192 (height x width), got {height}x{width}; "
                         "32x32 to 224x224 are usual")  # fmt: skip
    return height, width


def _straddling(examples: Examples) -> tuple[Finding, ...]:
    """Groups that the source's own division separates."""
    if examples.parts is None or examples.groups is None:
        return ()
    homes = dict[str, set[str]]()
    for group, part in zip(examples.groups, examples.parts, strict=True):
        homes.setdefault(group, set()).add(part)
    torn = sorted(group for group, parts in homes.items() if len(parts) > 1)
    if not torn:
        return ()
    return (
        Finding(
            id="groups_straddle_splits",
            level="proved",
            summary=f"{len(torn)} groups lie in more than one of the source's own parts, such as {torn[0]!r}.",
            evidence={"groups": torn[:100], "count": len(torn)},
            cause="The source was divided without regard to its groups.",
            fix="Divide it by group, or give it undivided and let the split follow the groups.",
        ),
    )
