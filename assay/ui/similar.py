"""Examples that look alike: features of all, made once when they are first asked for, within a budget."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from assay.audit.counts import splits_of
from assay.audit.similar.picture_features import SIDE, fit_picture_features, make_miniatures
from assay.data.loader import raw_batches
from assay.randomness import generator_for
from assay.ui.similar_texts import describe_texts
from assay.ui.subject import Subject
from assay.ui.thumbnails import as_bytes

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BUDGET_SECONDS = 60.0
CHUNK = 512


@dataclass(eq=False)
class Similar:
    """Nearest examples of one subject.

    state: nothing is made before somebody asks.
    problem: why it failed.
    rows: of the table, which the features are of; all of them, unless the time ran out.
    """

    subject: Subject
    state: Literal["unasked", "making", "ready", "failed"] = "unasked"
    problem: str = ""
    rows: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    features: Tensor | csr_matrix = field(default_factory=lambda: torch.empty(0, 0))
    _lock: Lock = field(default_factory=Lock)

    def ask(self) -> bool:
        """Whether neighbours are known; begins to make them if not."""
        with self._lock:
            if self.state == "unasked":
                self.state = "making"
                Thread(target=self.make, name="similar", daemon=True).start()
        return self.state == "ready"

    def make(self, seconds: float = BUDGET_SECONDS) -> None:
        """Describe all examples, or a random part of them within the time."""
        try:
            how = describe if self.subject.data.texts is None else describe_texts
            self.rows, self.features = how(self.subject, seconds)
            self.state = "ready"
        except Exception as error:
            # Whoever waits for the thread would wait for ever.
            traceback.print_exc()
            self.problem, self.state = " ".join(f"{type(error).__name__}: {error}".split()), "failed"

    def nearest(self, row: int, k: int) -> list[tuple[int, float]]:
        """The k rows most like this one with their cosine similarity, most alike first; empty where it was not read."""
        place = (self.rows == row).nonzero().flatten()
        if not len(place):
            return []
        likeness = compare(self.features, int(place[0]))
        likeness[place[0]] = -2.0
        best = likeness.topk(min(k, len(likeness) - 1))
        return [(int(self.rows[index]), float(value)) for value, index in zip(*best, strict=True)]


def compare(features: Tensor | csr_matrix, place: int) -> Float[Tensor, " n"]:
    """The cosine of each row of features with the one at a place."""
    if isinstance(features, Tensor):
        return features @ features[place]
    return torch.from_numpy((features @ features[place].T).toarray().ravel())


def describe(subject: Subject, seconds: float) -> tuple[Tensor, Float[Tensor, "n d"]]:
    """Rows and features of length 1: of images those of near duplicates, of others the standardised inputs."""
    specification = subject.data.specification
    deadline, rows, parts = time.monotonic() + seconds, [], []
    for indices, raw in drawn_batches(subject):
        if specification.is_image:
            images = torch.stack([as_bytes(image) for image in raw]) if raw.dtype != torch.uint8 else raw
            parts.append(make_miniatures(images)[0])
        else:
            parts.append(specification.normalization(raw).flatten(1).nan_to_num(0.0, 0.0, 0.0))
        rows.append(indices)
        if time.monotonic() > deadline:
            break
    values = torch.cat(parts)
    if specification.is_image:
        _, height, width = specification.input_shape
        # Values that are no bytes are drawn with their first channel alone, unless they are a colour picture.
        small = (values.shape[1] // (min(SIDE, height) * min(SIDE, width)), min(SIDE, height), min(SIDE, width))
        values = fit_picture_features(values, small).describe(values)
    return torch.cat(rows), F.normalize(values, dim=1)


def drawn_batches(subject: Subject) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows of the table and their inputs, of all splits in one random order: wherever it ends, it is a random part.

    A batch is of one split.
    """
    splits = [split for split in splits_of(subject.data).values() if len(split)]
    ends = torch.tensor([len(split) for split in splits]).cumsum(0)
    order = torch.randperm(int(ends[-1]), generator=generator_for(0, "similar"))
    for rows in order.split(CHUNK):
        which = torch.bucketize(rows, ends, right=True)
        for place, split in enumerate(splits):
            chosen = rows[which == place]
            if len(chosen):
                first = int(ends[place]) - len(split)
                yield chosen, next(iter(raw_batches(split, (chosen - first,))))
