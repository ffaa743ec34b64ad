"""Look at the data: some examples of each class, chosen by the seed."""

from __future__ import annotations

from itertools import islice

import torch
from torch import Tensor

from assay.audit.names import feature_names, label_of, table_columns
from assay.audit.table_cells import table_cells
from assay.audit.texts.passages import beginning_of_text, passages_of, stand_ins_of
from assay.data.data import Data
from assay.figure import Images, Table, encode_png
from assay.finding import Finding
from assay.randomness import generator_for

PICTURES = 40
MOST_PER_CLASS = 6
TABLE_ROWS = 8
MOST_CLASSES = 100
"""Of more classes, as many spread over all are shown: a picture of each of a thousand makes a page that crawls."""
TABLE_COLUMNS = 8
TEXT_LETTERS = 40


def show_examples(data: Data, *, seed: int = 0) -> list[Finding]:
    """A note with thumbnails (images) or rows (tables) of the training split."""
    if len(data.train) == 0:
        return []
    chosen, how = _choose(data, seed)
    raw = data.train.gather(chosen)
    labels = [label_of(data.specification, target) for target in data.train.targets[chosen].tolist()]
    ids = [data.train.ids[index] for index in chosen.tolist()]
    figure = _images(raw, labels, ids) if data.specification.is_image else _table(data, raw, labels, ids)
    return [
        Finding(
            "examples",
            "note",
            f"{len(chosen)} training examples of {len(data.train):,}, {how}. Does each label fit?",
            evidence={"n": len(chosen), "of": len(data.train), "ids": ids, "labels": labels},
            source="Karpathy 2019, A Recipe for Training Neural Networks, step 1: become one with the data",
            figures=(figure,),
        )
    ]


def _choose(data: Data, seed: int) -> tuple[Tensor, str]:
    """Indices and how they were come by: for classes, equally many of each in class order; else by the target."""
    order = torch.randperm(len(data.train), generator=generator_for(seed, "thumbnails"))
    number = PICTURES if data.specification.is_image else TABLE_ROWS
    if data.specification.task == "regression":
        some = order[:number]
        return some[data.train.targets[some].argsort(stable=True)], "chosen at random and ordered by target"
    targets = data.train.targets[order]
    present = targets.unique()
    shown = present[torch.linspace(0, len(present) - 1, min(MOST_CLASSES, len(present))).round().long()]
    each = max(1, min(MOST_PER_CLASS, number // len(shown)))
    members = [order[targets == label][:each] for label in shown]
    up_to = "up to " if min(map(len, members)) < each else ""
    classes = "each class" if len(shown) == len(present) else f"each of {len(shown)} classes out of {len(present):,}"
    return torch.cat(members), f"{up_to}{each} of {classes}, drawn at random within it"


def _images(raw: Tensor, labels: list[str], ids: list[str]) -> Images:
    captions = tuple(f"{label}\n{id}" for label, id in zip(labels, ids, strict=True))
    return Images("Training examples", tuple(encode_png(image) for image in raw), captions)


def _table(data: Data, raw: Tensor, labels: list[str], ids: list[str]) -> Table:
    """Texts, as they begin, and cells as their owner wrote them; columns without a name as numbers."""
    columns = [*_texts(data, ids), *_cells(data, raw)]
    names = tuple(name for name, _ in columns[:TABLE_COLUMNS])
    cells = zip(*(shown for _, shown in columns[:TABLE_COLUMNS]), strict=True)
    rows = tuple((id, label, *row) for id, label, row in zip(ids, labels, cells, strict=True))
    more = "" if len(columns) <= TABLE_COLUMNS else f" (first {TABLE_COLUMNS} columns)"
    return Table(f"Training examples{more}", ("id", "target", *names), rows)


def _texts(data: Data, ids: list[str]) -> list[tuple[str, list[str]]]:
    names = () if data.texts is None else tuple(data.texts.columns)
    begin = [[beginning_of_text(passage, TEXT_LETTERS) for passage in passages_of(data, id)] for id in ids]
    return [(name, [one[place] for one in begin]) for place, name in enumerate(names)]


def _cells(data: Data, raw: Tensor) -> list[tuple[str, list[str]]]:
    rows = raw.flatten(1)
    cells = table_cells(data.specification, rows, stand_ins_of(data))
    if not table_columns(data.specification):
        cells = zip(feature_names(data.specification), rows.T.tolist(), strict=False)
    return [
        (name, [value if isinstance(value, str) else f"{value:.4g}" for value in values])
        for name, values in islice(cells, TABLE_COLUMNS + 1)
    ]
