"""What was read, in a few words and numbers: kind of data, splits, classes, each with its way to Browse."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from assay.audit.counts import splits_of
from assay.audit.signals.kind import is_signal
from assay.audit.texts.passages import stand_ins_of
from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.ui.addresses import browse, text

MOST_CLASSES = 100


@dataclass(frozen=True)
class Size:
    """A split and how many examples it has."""

    name: str
    count: int
    address: str


@dataclass(frozen=True)
class ClassRow:
    """A class and its examples in each split."""

    name: str
    counts: tuple[int, ...]
    address: str


@dataclass(frozen=True)
class Summary:
    """facts: of the whole, in a word or two each. shown: the largest classes."""

    name: str
    facts: tuple[str, ...]
    sizes: tuple[Size, ...]
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    shown: tuple[ClassRow, ...]

    @property
    def more(self) -> bool:
        return len(self.classes) > len(self.shown)


def summarise(data: Data) -> Summary:
    """Of all splits that hold something."""
    splits = {name: split for name, split in splits_of(data).items() if len(split)}
    classes = data.specification.classes
    sizes = tuple(Size(name, len(split), browse(f"split = {text(name)}")) for name, split in splits.items())
    counts = torch.stack([count_classes(split.targets, len(classes)) for split in splits.values()])
    order = counts.sum(0).argsort(descending=True, stable=True)[:MOST_CLASSES].tolist()
    chosen = order if len(classes) > MOST_CLASSES else range(len(classes))
    rows = tuple(
        ClassRow(classes[index], tuple(counts[:, index].tolist()), browse(f"label = {text(classes[index])}"))
        for index in chosen
    )
    return Summary(data.name, describe(data), sizes, tuple(splits), classes, rows)


def describe(data: Data) -> tuple[str, ...]:
    """`60,000 examples`, `classification`, `images of 28 × 28, grey`, `10 classes`."""
    specification = data.specification
    total = sum(map(len, splits_of(data).values()))
    shape = specification.input_shape
    if is_signal(specification) and shape[1:]:
        inputs = f"signals of {shape[-1]:,} values" + (f", {shape[0]} channels" if shape[0] > 1 else "")
    elif specification.is_image:
        kind = {1: ", grey", 3: ", colour"}.get(shape[0], f", {shape[0]} channels")
        inputs = f"images of {shape[2]} × {shape[1]} pixels{kind}"
    elif isinstance(specification.encoder, TableEncoder):
        inputs = describe_table(data, len(specification.encoder.columns))
    else:
        inputs = f"inputs of {' × '.join(map(str, shape))} values"
    count = len(specification.classes)
    classes = (f"{count:,} class{'' if count == 1 else 'es'}",) if count else ()
    return (f"{total:,} examples", specification.task, inputs, *classes)


def describe_table(data: Data, columns: int) -> str:
    """`a table of 14 columns`, `texts`, `a table of 14 columns and 2 of texts`."""
    texts = 0 if data.texts is None else len(data.texts.columns)
    others = columns - len(stand_ins_of(data))
    if not texts:
        return f"a table of {columns} column{'' if columns == 1 else 's'}"
    if not others:
        return "texts" if texts == 1 else f"texts in {texts} columns"
    return f"a table of {others} column{'' if others == 1 else 's'} and {texts} of texts"


def count_classes(targets: torch.Tensor, classes: int) -> torch.Tensor:
    """How many examples each class has; what names no class counts for none."""
    if not classes:
        return torch.zeros(0, dtype=torch.int64)
    held = targets.long()
    return torch.bincount(held[(held >= 0) & (held < classes)], minlength=classes)
