"""Examples without labels: which to label as the judges say, which to have labelled first, which to leave out.

The judges of a cleaning are trained once more, on all labelled examples, and asked about the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from assay.audit.cleaning.fold import Fold
from assay.audit.cleaning.groups import groups_of
from assay.audit.cleaning.joined import join_splits
from assay.audit.cleaning.judge_all import judge_all
from assay.audit.cleaning.judges import Pool, network_judges, plain_judges
from assay.audit.cleaning.judging import Judged
from assay.audit.cleaning.networks import network_recipes
from assay.audit.labels.additions import Additions, propose_additions
from assay.audit.texts.text_features import with_text_features
from assay.data.data import Data
from assay.data.encoders import ARRAY_SUFFIXES, ImageEncoder, TableEncoder
from assay.data.reading.arrays import read_inputs
from assay.data.reading.images import SUFFIXES
from assay.data.reading.table import encode_rows, read_table
from assay.data.reading.text import Texts
from assay.data.sources.printable import printable
from assay.data.sources.text_columns import put_lengths, texts_of
from assay.data.split import Split
from assay.device import choose_device
from assay.errors import InputError
from assay.figure import Images, Table, encode_png
from assay.finding import Finding
from assay.saying import Say, silent
from assay.whole_file import replacing

SHOWN = 12
LIKE_SECONDS = 60.0


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """Inputs as the labelled ones are, where each comes from, and the texts where these have some."""

    inputs: Tensor
    ids: tuple[str, ...]
    texts: Texts | None = None


def read_unlabelled(data: Data, path: Path) -> Unlabelled:
    """A folder of images, or a file like the source's, read as the labelled examples were.

    Raises:
        InputError: there is nothing to read, or it is not of their kind.
    """
    encoder = data.specification.encoder
    if path.is_dir():
        if not isinstance(encoder, ImageEncoder):
            raise InputError(f"--unlabelled {path}: is a folder, the labelled examples are no images; name a file")
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        if not files:
            raise InputError(f"--unlabelled {path}: holds no images; name a folder that does")
        return Unlabelled(torch.stack([encoder.read(file) for file in files]),
                          tuple(printable(str(file.relative_to(path))) for file in files))  # fmt: skip
    if data.texts is not None and isinstance(encoder, TableEncoder):
        return _read_texts(data.texts, encoder, path)
    arrays = isinstance(encoder, ImageEncoder) and path.suffix.lower() in ARRAY_SUFFIXES
    inputs = read_inputs(path) if arrays else encoder.read(path)
    inputs = inputs[None] if inputs.dim() == len(data.specification.input_shape) else inputs
    if tuple(inputs.shape[1:]) != data.specification.input_shape:
        shapes = f"{tuple(inputs.shape[1:])}, the labelled {data.specification.input_shape}"
        raise InputError(f"--unlabelled {path}: its examples have shape {shapes}; give them alike")
    return Unlabelled(inputs, tuple(f"row {row}" for row in range(1, len(inputs) + 1)))


def _read_texts(known: Texts, encoder: TableEncoder, path: Path) -> Unlabelled:
    """Rows of a table with the columns of text that the labelled ones have."""
    table = read_table(path)
    absent = [name for name in known.columns if name not in table.columns]
    if absent:
        raise InputError(f"--unlabelled {path}: lacks the column {absent[0]!r}; it has {', '.join(table.columns)}")
    texts = texts_of(path, table, tuple(known.columns), range(table.height))
    table, *_ = put_lengths(table, table.columns, texts)
    inputs = encode_rows(table, encoder.columns, where=f"--unlabelled {path}")
    return Unlabelled(inputs, tuple(f"row {row}" for row in range(1, len(inputs) + 1)), texts)


def sort_additions(
    judged: Judged, unlabelled: Unlabelled, *, members: Mapping[str, Callable[[], Any]] | None = None,
    folder: Path | None = None, seed: int = 0, device: str | torch.device | None = None,
    announce: Say = silent,
) -> tuple[Additions, tuple[str | None, ...]]:  # fmt: skip
    """Ask the judges of a cleaning about examples without labels: what to do with each, and what each is a twin of.

    Args:
        members: those that were added to the cleaning, by name.
        folder: where judgements are kept, as for `judge_labels`.
    """
    everything, _ = join_splits(judged.data)
    n, more = len(everything), len(unlabelled.ids)
    known = everything.gather(torch.arange(n))
    both = Split(torch.cat([known, unlabelled.inputs.to(known.dtype)]),
                 torch.cat([everything.targets, torch.zeros(more, dtype=torch.int64)]),
                 (*everything.ids, *map(_named, unlabelled.ids)))  # fmt: skip
    whole = with_text_features(_joined(judged.data, both, unlabelled), seed=seed)
    pool = Pool(whole, both.targets.numpy(), seed, choose_device(device), 0)
    group, _ = groups_of(_joined(judged.data, both, unlabelled), both, LIKE_SECONDS, seed=seed)
    part = Fold(judged.plan.folds, np.arange(n, n + more), np.arange(n))
    recipes = network_recipes(judged.data.specification, n, pool.device)
    judges = [*plain_judges(pool, members or {}, n), *network_judges(pool, recipes, judged.plan)]
    found, _ = judge_all(judges, [part], pool, folder, whole.fingerprint, announce)
    answers = {name: values[n:] for name, values in found.items()}
    twins = twins_of(group, n)
    names = tuple(both.ids[row] if row >= 0 else None for row in twins.tolist())
    return propose_additions(answers, judged.fusion, twins >= 0), names


def _named(id: str) -> str:
    """Rows of two files may be called the same."""
    return f"without label: {id}"


def _joined(data: Data, both: Split, unlabelled: Unlabelled) -> Data:
    """The data whose training split holds all examples, and the texts of all of them."""
    data = replace(data, train=both, validation=both.select(torch.arange(0)), test=both.select(torch.arange(0)))
    if data.texts is None or unlabelled.texts is None:
        return data
    more = unlabelled.texts.columns
    columns = {
        name: {**texts, **{_named(id): text for id, text in more[name].items()}}
        for name, texts in data.texts.columns.items()
    }
    return replace(data, texts=Texts(columns, data.texts.stand_ins))


def twins_of(group: Int[np.ndarray, " all"], labelled: int) -> Int[np.ndarray, " more"]:
    """For each of the rows from `labelled` on the earliest row of its group; -1 where it is that row itself."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    earliest = first[inverse]
    return np.where(earliest < np.arange(len(group)), earliest, -1)[labelled:]


def write_additions(
    path: Path, judged: Judged, unlabelled: Unlabelled, additions: Additions, twins: Sequence[str | None]
) -> None:
    """A row for each, those to have labelled first in their order, then those to label, then those to drop.

    Args:
        twins: the id of the example that each is nearly equal to, if there is one.
    """
    import polars as pl

    classes = judged.data.specification.classes
    label, drop = (np.flatnonzero(additions.action == action) for action in ("label", "drop"))
    order = np.concatenate([additions.to_annotate, label, drop])
    table = pl.DataFrame({
        "id": [unlabelled.ids[row] for row in order],
        "action": [str(additions.action[row]) for row in order],
        "proposal": [classes[to] if to >= 0 else None for to in additions.proposal[order].tolist()],
        "answer": [classes[to] for to in additions.answer[order].tolist()],
        "confidence": additions.confidence[order], "agreement": additions.agreement[order],
        "twin": [twins[row] for row in order.tolist()],
    }, schema_overrides={"proposal": pl.String, "twin": pl.String})  # fmt: skip
    with replacing(path) as unfinished:
        table.write_csv(unfinished)


def tell_additions(judged: Judged, unlabelled: Unlabelled, additions: Additions) -> Finding:
    """How many of each, and the first that a person should label."""
    counts = {action: int((additions.action == action).sum()) for action in ("label", "annotate", "drop")}
    classes, rows = judged.data.specification.classes, additions.to_annotate[:SHOWN].tolist()
    told = [f"{unlabelled.ids[row]}: {classes[additions.answer[row]]}?" for row in rows]
    figure = Table("To have labelled first", ("example",), tuple((one,) for one in told))
    if judged.data.specification.is_image:
        figure = Images("To have labelled first", tuple(encode_png(unlabelled.inputs[row]) for row in rows),
                        tuple(told))  # fmt: skip
    return Finding(
        "additions",
        "note",
        f"Of {len(unlabelled.ids):,} examples without labels {counts['label']:,} can be labelled as the judges say, "
        f"{counts['annotate']:,} should be labelled by a person, {counts['drop']:,} are nearly equal to others.",
        evidence={"n": len(unlabelled.ids), **counts, "first": told},
        source="zhuanlan.zhihu.com/p/359960152; Seung et al. 1992, query by committee",
        figures=(figure,) if rows else (),
    )
