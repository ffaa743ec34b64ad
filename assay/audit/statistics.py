"""Statistics of the inputs: per channel or column, and the images at both ends."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from assay.audit.names import feature_names, kind_of
from assay.audit.scan import Scan
from assay.audit.signals.kind import is_signal
from assay.data.data import Data
from assay.figure import Images, Table, encode_png
from assay.finding import Finding

SHOWN_COLUMNS = 100
SHOWN_ENDS = 6
SHOWN_IDS = 20


def describe_inputs(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """A note with mean, deviation and range of each channel or column of the training split."""
    if "train" not in scans:
        return []
    train, names = scans["train"], feature_names(data.specification)
    kind = "channel" if data.specification.is_image else "column"
    columns = {"mean": train.mean, "std": train.std, "low": train.low, "high": train.high}
    rows = [(name, *(f"{float(values[i]):.4g}" for values in columns.values())) for i, name in enumerate(names)]
    title = f"Each {kind} over {len(train):,} training examples"
    if len(rows) > SHOWN_COLUMNS:
        title += f" (the first {SHOWN_COLUMNS} of {len(rows)})"
    shown = {name: [float(value) for value in values[:SHOWN_COLUMNS]] for name, values in columns.items()}
    spread = (
        f"mean {_span(train.mean)}, deviation {_span(train.std)}, values {_span(torch.stack([train.low, train.high]))}"
    )
    note = Finding(
        "input_statistics",
        "note",
        f"{len(names)} {kind}{'s' if len(names) > 1 else ''}: {spread} (n={len(train):,} training examples).",
        evidence={"n": len(train), "names": list(names[:SHOWN_COLUMNS]), **shown},
        fix="`assay questions SOURCE` measures what in them matters, by training small models on changed copies.",
        figures=(Table(title, (kind, "mean", "std", "min", "max"), tuple(rows[:SHOWN_COLUMNS])), *_ends(data, train)),
    )
    return [note, *_check_finite(scans), *_check_constant(train, names, kind), *_check_blank(data, scans)]


def _span(values: Tensor) -> str:
    low, high = f"{float(values.min()):.4g}", f"{float(values.max()):.4g}"
    return low if low == high else f"{low} to {high}"


def _ends(data: Data, train: Scan) -> tuple[Images, ...]:
    """The darkest and the brightest images, or signals by their mean, where broken and mislabelled ones often lie."""
    if not data.specification.is_image:
        return ()
    order, half = train.example_mean.argsort(stable=True), min(SHOWN_ENDS, (len(train) + 1) // 2)
    chosen = torch.cat([order[:half], order[len(order) - min(half, len(order) - half) :]])
    pictures = train.split.gather(train.indices[chosen])
    captions = tuple(f"mean {float(train.example_mean[i]):.4g}: {train.id_of(int(i))}" for i in chosen)
    title = "The darkest and the brightest training images"
    if is_signal(data.specification):
        title = "The training signals of the lowest and the highest mean"
    return (Images(title, tuple(map(encode_png, pictures)), captions),)


def _check_finite(scans: Mapping[str, Scan]) -> list[Finding]:
    bad = [scan.id_of(i) for scan in scans.values() for i in scan.non_finite.nonzero().flatten().tolist()]
    if not bad:
        return []
    n = sum(len(scan) for scan in scans.values())
    return [
        Finding(
            "inputs_finite",
            "proved",
            f"{len(bad):,} of {n:,} examples hold a nan or an infinity: {', '.join(bad[:3])}.",
            evidence={"count": len(bad), "n": n, "ids": bad[:SHOWN_IDS]},
            cause="Missing values, or a division by zero or logarithm of zero on the way.",
            fix="Mend or remove these examples; one of them turns every weight into nan.",
            source="the definition of floating-point arithmetic: nan spreads through every sum",
        )
    ]


def _check_constant(train: Scan, names: tuple[str, ...], kind: str) -> list[Finding]:
    single = (train.low == train.high) & (train.finite > 0)
    constant = [names[index] for index in single.nonzero().flatten().tolist()]
    if not constant or len(train) < 2:
        return []
    shown = ", ".join(constant[:5]) + (", …" if len(constant) > 5 else "")
    values = {name: float(train.low[names.index(name)]) for name in constant[:SHOWN_IDS]}
    return [
        Finding(
            f"constant_{kind}s",
            "suspect",
            f"{len(constant)} of {len(names)} {kind}s hold one value in all {len(train):,} training examples: {shown}.",
            evidence={"count": len(constant), "n": len(train), "of": len(names), "values": values},
            cause=f"A {kind} that was never filled, was lost in conversion, or has one value in this subset.",
            fix=f"Find out why it does not vary; if rightly so, leave the {kind} out, since it can tell nothing.",
            source="the definition of variance: dividing by a deviation of 0 is undefined",
        )
    ]


def _check_blank(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    pixels = data.specification.input_shape[1:]
    if not data.specification.is_image or torch.Size(pixels).numel() < 2:
        return []
    blank = [
        (scan, position)
        for scan in scans.values()
        for position in (scan.example_low == scan.example_high).nonzero().flatten().tolist()
    ]
    if not blank:
        return []
    ids, n = [scan.id_of(i) for scan, i in blank], sum(len(scan) for scan in scans.values())
    return [
        Finding(
            "blank_images",
            "suspect",
            f"{len(ids):,} of {n:,} {kind_of(data.specification)} have one value in every place: {', '.join(ids[:3])}.",
            evidence={"count": len(ids), "n": n, "ids": ids[:SHOWN_IDS]},
            cause="A failed download, crop or conversion.",
            fix="Look at them and remove them: a blank example teaches only the bias.",
            source="Karpathy 2019, A Recipe for Training Neural Networks, step 1: corrupted images",
        )
    ]
