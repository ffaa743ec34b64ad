"""Any map-style `torch.utils.data.Dataset` of (input, target) pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from assay.data.examples import Examples, Options
from assay.data.labels import encode_labels, looks_continuous
from assay.data.reading.images import GREY_MODES, flatten
from assay.data.sources.arrays import encoder_of, task_finding
from assay.data.specification import Task
from assay.errors import InputError
from assay.finding import Finding


@dataclass(frozen=True, eq=False)
class DatasetInputs:
    """Lazy inputs over the chosen items of a data set, all of one shape."""

    dataset: Dataset[Any]
    indices: tuple[int, ...]
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Tensor:
        number = self.indices[index]
        return item_at(self.dataset, number, self.shape)[0]

    def select(self, indices: Sequence[int]) -> DatasetInputs:
        return replace(self, indices=tuple(self.indices[index] for index in indices))


def read_dataset(dataset: Dataset[Any], options: Options) -> Examples:
    """Every item is read once: held where it fits in memory, read again a batch at a time where not.

    Targets that are floating-point numbers with fractions mean regression. `group` names an
    attribute with one name an item. The data set's own `classes` are used where it has them.

    Raises:
        InputError: no length, no items, items that are not pairs, or inputs of several shapes.
    """
    options.refuse("a torch Dataset", "target", "size", "skip_bad", "impute")
    count = _length(dataset)
    first, _ = item_at(dataset, 0, None)
    shape = tuple(first.shape)
    keep = first.numel() * first.element_size() * count <= options.memory_limit_bytes
    inputs = torch.empty((count, *shape), dtype=first.dtype) if keep else None
    targets = list[Any]()
    for index in range(count):
        value, target = item_at(dataset, index, shape)
        _check_finite(value, index)
        targets.append(target)
        if inputs is not None:
            inputs[index] = value
    task, classes, encoded, found = _targets(dataset, targets)
    return Examples(
        name=type(dataset).__name__,
        task=task,
        inputs=inputs if inputs is not None else DatasetInputs(dataset, tuple(range(count)), shape),
        targets=encoded,
        ids=tuple(f"item {index}" for index in range(count)),
        encoder=encoder_of(first.unsqueeze(0)),
        classes=classes,
        groups=None if options.group is None else _groups(dataset, options.group, count),
        findings=(found, *_randomness(dataset, first)),
    )


def item_at(dataset: Dataset[Any], index: int, shape: tuple[int, ...] | None) -> tuple[Tensor, Any]:
    """One item as (input tensor, plain target).

    Raises:
        InputError: not a pair, not an array or an image, or of another shape than `shape`.
    """
    item = dataset[index]
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise InputError(f"item {index} of {type(dataset).__name__} must be a pair (input, target), got {type(item)}; "
                         "let __getitem__ return both")  # fmt: skip
    value, target = _as_tensor(item[0], index), item[1]
    if shape is not None and tuple(value.shape) != shape:
        raise InputError(
            f"item {index} of {type(dataset).__name__} has shape {tuple(value.shape)}, the first has {shape}; "
            "give items of one shape"
        )
    return value, target.item() if isinstance(target, Tensor | np.generic | np.ndarray) else target


def _as_tensor(value: Any, index: int) -> Tensor:
    if isinstance(value, Image.Image):
        kind = "L" if value.mode in GREY_MODES else "RGB"
        pixels = np.array(flatten(value, f"item {index}").convert(kind))
        value = pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value)
    if not isinstance(value, Tensor) or value.is_complex() or value.dim() not in (0, 1, 2, 3):
        shape = f" of shape {tuple(value.shape)}" if isinstance(value, Tensor) else ""
        raise InputError(f"item {index}: the input must be a tensor, array or image, got {type(value)}{shape}; "
                         "convert it in __getitem__")  # fmt: skip
    value = value.reshape(1) if value.dim() == 0 else value.unsqueeze(0) if value.dim() == 2 else value
    return value if value.dtype == torch.uint8 and value.dim() == 3 else value.to(torch.float32)


def _check_finite(value: Tensor, index: int) -> None:
    bad = int((~torch.isfinite(value)).sum())
    if bad:
        raise InputError(f"item {index}: {bad} values of the input are missing or infinite; mend or leave out the item")


def _length(dataset: Dataset[Any]) -> int:
    try:
        count = len(dataset)  # pyright: ignore[reportArgumentType]
    except (TypeError, NotImplementedError) as error:
        raise InputError(f"{type(dataset).__name__} has no length; give a map-style Dataset with __len__") from error
    if count == 0:
        raise InputError(f"{type(dataset).__name__} is empty; give a data set with at least two examples of each class")
    return count


def _targets(dataset: Dataset[Any], targets: list[Any]) -> tuple[Task, tuple[str, ...], Tensor, Finding]:
    kinds = {type(target) for target in targets}
    if float in kinds and kinds <= {float, int}:
        values = torch.tensor(targets, dtype=torch.float64)
        if not values.isfinite().all():
            index = int((~values.isfinite()).nonzero()[0])
            raise InputError(f"item {index}: the target is {targets[index]}; every item needs a finite target, "
                             "mend or leave out the item")  # fmt: skip
        if looks_continuous(targets):
            return "regression", (), values.to(torch.float32), task_finding("regression", "targets are fractions")
        targets = [int(target) for target in targets]
    elif len(kinds) > 1 or not kinds <= {int, bool, str}:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise InputError(f"targets of {type(dataset).__name__} must be all numbers or all strings, got {names}; "
                         "convert them to one kind")  # fmt: skip
    found = task_finding("classification", f"targets are {type(targets[0]).__name__} with {len(set(targets))} values")
    names = getattr(dataset, "classes", None)
    if names is not None and type(targets[0]) is int and min(targets) >= 0 and max(targets) < len(names):
        return "classification", tuple(str(name) for name in names), torch.tensor(targets, dtype=torch.int64), found
    classes, indices = encode_labels(targets)
    return "classification", classes, indices, found


def _groups(dataset: Dataset[Any], name: str, count: int) -> tuple[str, ...]:
    groups = getattr(dataset, name, None)
    if groups is None or len(groups) != count:
        raise InputError(f"group {name!r} must be an attribute of {type(dataset).__name__} with {count} names, one an "
                         "item; set it, or leave --group out")  # fmt: skip
    return tuple(str(group) for group in groups)


def _randomness(dataset: Dataset[Any], first: Tensor) -> tuple[Finding, ...]:
    """An item that changes when read again was augmented by the data set itself."""
    again, _ = item_at(dataset, 0, None)
    if torch.equal(first, again):
        return ()
    return (
        Finding(
            id="dataset_is_random",
            level="suspect",
            summary="The data set's first item differs when it is read a second time.",
            cause="The data set augments its items; validation and test would be augmented too.",
            fix="Give the data set without random transforms; a recipe's tricks augment the training split alone.",
        ),
    )
