"""Examples that look alike: features of all, made once when they are first asked for, within a budget."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from assay.audit.counts import splits_of
from assay.audit.similar.picture_features import SIDE, fit_picture_features, make_miniatures
from assay.data.loader import raw_batches
from assay.ui.subject import Subject
from assay.ui.thumbnails import as_bytes

BUDGET_SECONDS = 60.0
CHUNK = 512


@dataclass(eq=False)
class Similar:
    """Nearest examples of one subject.

    state: nothing is made before somebody asks.
    rows: of the table, which the features are of; all of them, unless the time ran out.
    """

    subject: Subject
    state: Literal["unasked", "making", "ready"] = "unasked"
    rows: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    features: Tensor = field(default_factory=lambda: torch.empty(0, 0))
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
        self.rows, self.features = describe(self.subject, seconds)
        self.state = "ready"

    def nearest(self, row: int, k: int) -> list[tuple[int, float]]:
        """The k rows most like this one with their cosine similarity, most alike first; empty where it was not read."""
        place = (self.rows == row).nonzero().flatten()
        if not len(place):
            return []
        likeness = self.features @ self.features[place[0]]
        likeness[place[0]] = -2.0
        best = likeness.topk(min(k, len(likeness) - 1))
        return [(int(self.rows[index]), float(value)) for value, index in zip(*best, strict=True)]


def describe(subject: Subject, seconds: float) -> tuple[Tensor, Float[Tensor, "n d"]]:
    """Rows and features of length 1: of images those of near duplicates, of others the standardised inputs."""
    specification = subject.data.specification
    deadline, rows, parts, start = time.monotonic() + seconds, [], [], 0
    for split in splits_of(subject.data).values():
        order = torch.arange(len(split)) if split.in_memory else torch.randperm(len(split))
        chunks = order.split(CHUNK)
        for indices, raw in zip(chunks, raw_batches(split, chunks), strict=True):
            if specification.is_image:
                images = torch.stack([as_bytes(image) for image in raw]) if raw.dtype != torch.uint8 else raw
                parts.append(make_miniatures(images)[0])
            else:
                parts.append(specification.normalization(raw).flatten(1).nan_to_num(0.0, 0.0, 0.0))
            rows.append(indices + start)
            if time.monotonic() > deadline:
                break
        start += len(split)
    values = torch.cat(parts)
    if specification.is_image:
        _, height, width = specification.input_shape
        # Values that are no bytes are drawn with their first channel alone, unless they are a colour picture.
        small = (values.shape[1] // (min(SIDE, height) * min(SIDE, width)), min(SIDE, height), min(SIDE, width))
        values = fit_picture_features(values, small).describe(values)
    return torch.cat(rows), F.normalize(values, dim=1)
