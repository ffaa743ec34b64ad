"""How much there is of what: examples per split, shape, type and range of the inputs."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from assay.audit.scan import Scan
from assay.data.data import Data
from assay.data.split import Split
from assay.figure import Table
from assay.finding import Finding


def splits_of(data: Data) -> dict[str, Split]:
    """The three splits by name, in reading order."""
    return {"train": data.train, "validation": data.validation, "test": data.test}


def count_examples(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """One note: examples per split, the shape and type of one input, and the range of all."""
    sizes = {name: len(split) for name, split in splits_of(data).items()}
    total, shape = sum(sizes.values()), "x".join(map(str, data.specification.input_shape))
    low = min(float(scan.low.min()) for scan in scans.values())
    high = max(float(scan.high.max()) for scan in scans.values())
    kind = str(_one_input(data).dtype).removeprefix("torch.")
    parts = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
    seen = sum(len(scan) for scan in scans.values())
    sampled = "" if seen == total else f" (in a sample of {seen:,})"
    classes = data.specification.classes
    answer = f"{len(classes)} classes" if classes else "a number to predict"
    return [
        Finding(
            "counts",
            "note",
            f"{total:,} examples ({parts}); {answer}; inputs {shape}, {kind}, {low:.4g} to {high:.4g}{sampled}.",
            evidence={"n": total, "splits": sizes, "shape": list(data.specification.input_shape), "dtype": kind,
                      "low": low, "high": high, "n_read": seen, "classes": list(classes)},
            figures=(Table("Examples", ("split", "examples", "share"), _rows(sizes, total)),),
        )
    ]  # fmt: skip


def _rows(sizes: Mapping[str, int], total: int) -> tuple[tuple[str, ...], ...]:
    return tuple((name, f"{size:,}", f"{size / max(1, total):.1%}") for name, size in sizes.items())


def _one_input(data: Data) -> Tensor:
    """Any one input, decoded if need be: its type speaks for all."""
    split = next(split for split in splits_of(data).values() if len(split))
    return split.gather(torch.tensor([0]))
