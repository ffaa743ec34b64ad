"""One pass over a split: what every later question needs, in memory that does not grow with the inputs.

A chunk at a time is turned into a digest of each example and into the moments of each channel; the
inputs themselves are not kept. Inputs that are decoded from files are read in a seeded random order
until their time is up, so a scan that was cut short is a fair sample.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.audit.image_measures import measure_border, measure_colour, measure_contrast, measure_sharpness
from assay.audit.signals.measures import measure_signal
from assay.data.loader import raw_batches
from assay.data.reading.text import Texts
from assay.data.split import Split
from assay.randomness import generator_for
from assay.saying import Say, silent

CHUNK_VALUES = 4_000_000
"""Numbers in one chunk: 32 MB as float64."""
LAZY_CHUNK = 256
MEASURES = (measure_contrast, measure_sharpness, measure_colour, measure_border, measure_signal)


@dataclass(frozen=True, eq=False)
class Scan:
    """What one pass saw of a split, m of its n examples.

    indices: (m,) positions in the split, ascending.
    digests: (m,) one 64-bit number for each example; equal inputs, and texts if there are any, give equal numbers.
    finite: finite values seen per channel or column; where there is none, its statistics are 0.
    mean, std, low, high: per channel or column, over finite values; in raw input units.
    example_mean, example_low, example_high: (m,) over the finite values of each example.
    example_contrast, example_sharpness: (m,) of each image; the sharpness of what is no image is nan.
    example_colour, example_border: (m, channels) of each image, all and at its edge; nan of what is no image.
    example_signal: (m, 3) see `assay.audit.signals.measures`; nan of what is no signal.
    non_finite: (m,) how many values of each example are nan or infinite.
    """

    split: Split
    indices: Int[Tensor, " m"]
    digests: np.ndarray
    finite: Float[Tensor, " channels"]
    mean: Float[Tensor, " channels"]
    std: Float[Tensor, " channels"]
    low: Float[Tensor, " channels"]
    high: Float[Tensor, " channels"]
    example_mean: Float[Tensor, " m"]
    example_low: Float[Tensor, " m"]
    example_high: Float[Tensor, " m"]
    example_contrast: Float[Tensor, " m"]
    example_sharpness: Float[Tensor, " m"]
    example_colour: Float[Tensor, "m _"]
    example_border: Float[Tensor, "m _"]
    example_signal: Float[Tensor, "m 3"]
    non_finite: Int[Tensor, " m"]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def is_complete(self) -> bool:
        return len(self) == len(self.split)

    @property
    def targets(self) -> Tensor:
        """(m,) targets of the examples that were read."""
        return self.split.targets[self.indices]

    def id_of(self, position: int) -> str:
        """Where the example at this position of the scan comes from."""
        return self.split.ids[int(self.indices[position])]


def scan(
    split: Split, *, texts: Texts | None = None, seconds: float = math.inf, seed: int = 0, say: Say = silent
) -> Scan:
    """Read a split once.

    Args:
        texts: of the examples, where the source has columns of text: examples are equal only if these are, too.
        seconds: when inputs are decoded from files, stop after the chunk that passes this time.
        seed: chooses the order of reading, and so the sample when time runs out.
    Raises:
        ValueError: the split is empty.
    """
    if len(split) == 0:
        raise ValueError("a split must hold at least one example to be scanned, got 0; leave empty splits out")
    moments, rows, read = _Moments(), [], 0
    for indices, chunk in _chunks(split, seconds, seed):
        moments.add(chunk)
        measures = [measure(chunk) for measure in MEASURES]
        read += len(chunk)
        say(f"reads {len(split):,} examples", read / len(split))
        rows.append((_digests(chunk), indices, *_summaries(chunk), *measures))
    digests, *columns = zip(*rows, strict=True)
    order = torch.cat(columns[0]).argsort()
    positions, mean, low, high, non_finite, *measured = (torch.cat(column)[order] for column in columns)
    contrast, sharpness, colour, border, signal = measured
    seen = np.concatenate(digests)[order.numpy()]
    if texts is not None:
        places = zip(seen, positions.tolist(), strict=True)
        seen = _numbers(one.tobytes() + texts.digest(split.ids[place]) for one, place in places)
    return Scan(
        split=split,
        indices=positions,
        digests=seen,
        finite=moments.count,
        mean=moments.mean,
        std=(moments.squares / moments.count.clamp(min=1)).sqrt(),
        low=moments.low.where(moments.count > 0, 0.0),
        high=moments.high.where(moments.count > 0, 0.0),
        example_mean=mean,
        example_low=low,
        example_high=high,
        example_contrast=contrast,
        example_sharpness=sharpness,
        example_colour=colour,
        example_border=border,
        example_signal=signal,
        non_finite=non_finite,
    )


def _chunks(split: Split, seconds: float, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Indices and raw inputs; all of what is in memory, in order; of what is not, until time is up."""
    if isinstance(split.inputs, Tensor):
        size = max(1, CHUNK_VALUES // max(1, split.inputs[0].numel()))
        yield from zip(torch.arange(len(split)).split(size), split.inputs.split(size), strict=True)
        return
    size = max(1, min(LAZY_CHUNK, CHUNK_VALUES // max(1, split.inputs[0].numel())))
    chunks = torch.randperm(len(split), generator=generator_for(seed, "scan")).split(size)
    deadline = time.monotonic() + seconds
    for indices, batch in zip(chunks, raw_batches(split, chunks), strict=True):
        yield indices, batch
        if time.monotonic() > deadline:
            return


def _digests(chunk: Tensor) -> np.ndarray:
    """One 64-bit number an example, of its bytes; by chance alone equal for about n^2 / 4e19 pairs."""
    # Adding zero turns -0.0 into 0.0: equal values must have equal bytes.
    values = chunk + 0.0 if chunk.is_floating_point() else chunk
    table = np.ascontiguousarray(values.flatten(1).numpy()).view(np.uint8)
    return _numbers(row.data for row in table)


def _numbers(rows: Iterable[bytes | memoryview]) -> np.ndarray:
    return np.frombuffer(b"".join(hashlib.blake2b(row, digest_size=8).digest() for row in rows), dtype=np.uint64)


def _summaries(chunk: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Mean, least and largest finite value and number of non-finite values of each example."""
    values = chunk.flatten(1)
    if not chunk.is_floating_point():
        none = torch.zeros(len(values), dtype=torch.int64)
        low, high = values.amin(1).double(), values.amax(1).double()
        return values.sum(1, dtype=torch.int64).double() / values.shape[1], low, high, none
    values, finite = values.double(), values.isfinite()
    mean = values.where(finite, 0.0).sum(1) / finite.sum(1).clamp(min=1)
    low, high = values.where(finite, math.inf).amin(1), values.where(finite, -math.inf).amax(1)
    return mean, low, high, (~finite).sum(1)


class _Moments:
    """Running count, mean and sum of squared deviations per channel over finite values.

    Chunks are merged as in Chan, Golub and LeVeque 1979, so a large offset costs no precision.
    """

    def __init__(self) -> None:
        self.count = self.mean = self.squares = torch.zeros((), dtype=torch.float64)
        self.low = torch.full((), math.inf, dtype=torch.float64)
        self.high = -self.low

    def add(self, chunk: Tensor) -> None:
        values = chunk.transpose(0, 1).flatten(1)
        count, mean, squares, low, high = _of_bytes(values) if chunk.dtype == torch.uint8 else _of_floats(values)
        shift, total = mean - self.mean, (self.count + count).clamp(min=1)
        self.mean = self.mean + shift * count / total
        self.squares = self.squares + squares + shift.square() * self.count * count / total
        self.count = self.count + count
        self.low, self.high = torch.minimum(self.low, low), torch.maximum(self.high, high)


def _of_floats(values: Tensor) -> tuple[Tensor, ...]:
    """Count, mean, squared deviations, least and largest of the finite values of each row."""
    values = values.double()
    finite = values.isfinite()
    count = finite.sum(1).double()
    mean = values.where(finite, 0.0).sum(1) / count.clamp(min=1)
    squares = (values - mean[:, None]).where(finite, 0.0).square().sum(1)
    return count, mean, squares, values.where(finite, math.inf).amin(1), values.where(finite, -math.inf).amax(1)


def _of_bytes(values: Tensor) -> tuple[Tensor, ...]:
    """The same from a histogram of the 256 possible values of each row: exact, and many times as fast."""
    histogram = torch.stack([torch.bincount(row, minlength=256) for row in values]).double()
    levels, count = torch.arange(256, dtype=torch.float64), histogram.sum(1)
    mean = histogram @ levels / count
    squares = (histogram * (levels - mean[:, None]).square()).sum(1)
    seen = histogram > 0
    return count, mean, squares, levels.where(seen, math.inf).amin(1), levels.where(seen, -math.inf).amax(1)
