"""Pictures of single examples: small ones as they are, large ones scaled down, signals as a line a channel.

Small pictures are enlarged by the browser, with hard edges: a few hundred bytes each, whatever their size on screen.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import torch
from torch import Tensor

from assay.audit.signals.kind import is_signal
from assay.data.specification import Specification
from assay.ui.subject import Subject

KEPT_BYTES = 64 * 1024**2
LONGEST_SIGNAL = 400
"""Points of a drawn line; more would be finer than a screen."""
MOST_CHANNELS = 12
ALIVE, DEAD = 'stroke="#5a78e8" stroke-width="1.5"', 'stroke="#d2553f" stroke-width="2" stroke-dasharray="5 4"'
"""Both can be told from a light and from a dark ground; a dead channel has one value from beginning to end."""


@dataclass(frozen=True)
class Picture:
    """Bytes and their media type."""

    content: bytes
    kind: str


@dataclass(eq=False)
class Thumbnails:
    """Pictures of one subject's examples; the latest 64 MiB of them are kept."""

    subject: Subject
    _kept: OrderedDict[tuple[int, int], Picture] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def picture(self, row: int, size: int) -> Picture:
        """The example of a row, no side longer than `size` pixels.

        Raises:
            NotThereError: there is no such row.
            InputError: its file cannot be read any more.
        """
        key = (row, size)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = draw_example(self._raw(row), self.subject.data.specification, size)
        with self._lock:
            # Another request may have drawn the same meanwhile; it counts once.
            if key not in self._kept:
                self._kept[key] = made
                self._bytes += len(made.content)
            while self._kept and self._bytes > KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1].content)
        return made

    def _raw(self, row: int) -> Tensor:
        split, position = self.subject.split(row)
        return split.gather(torch.tensor([position]))[0]


def is_pixels(specification: Specification) -> bool:
    """Whether an example is shown as a picture; an array one pixel high that may be a signal is shown as lines."""
    return specification.is_image and not is_signal(specification)


def is_drawn(specification: Specification, *, most_values: int = 0) -> bool:
    """Whether an example is shown as a picture or as lines: images and signals; rows of tables are told.

    Args:
        most_values: so long a vector, which may be a signal and may be none, is told by its values.
    """
    if len(specification.input_shape) == 1 and specification.input_shape[0] <= most_values:
        return False
    return specification.is_image or specification.is_signal


def draw_example(raw: Tensor, specification: Specification, size: int) -> Picture:
    """An image, or the lines of a signal or vector."""
    return draw_image(raw, size) if is_pixels(specification) else draw_line(raw)


def draw_image(pixels: Tensor, size: int) -> Picture:
    """PNG of a small (channels, height, width) image, WebP of a large one that was scaled down or is coloured."""
    import numpy as np
    from PIL import Image

    array = np.ascontiguousarray(as_bytes(pixels).permute(1, 2, 0).numpy())
    picture = Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array)
    buffer = io.BytesIO()
    if max(picture.size) <= min(size, 96):
        picture.save(buffer, format="PNG")
        return Picture(buffer.getvalue(), "image/png")
    picture.thumbnail((size, size), Image.Resampling.LANCZOS)
    picture.save(buffer, format="WEBP", quality=86, method=2)
    return Picture(buffer.getvalue(), "image/webp")


def as_bytes(pixels: Tensor) -> Tensor:
    """uint8 of one, three or four channels: of any other number the first; other values by their own range."""
    pixels = pixels.detach().cpu()
    if pixels.shape[0] not in (1, 3, 4):
        pixels = pixels[:1]
    if pixels.dtype == torch.uint8:
        return pixels
    values = pixels.double().nan_to_num(0.0, 0.0, 0.0)
    low, high = values.amin(), values.amax()
    return ((values - low) / (high - low).clamp(min=1e-12) * 255).round().to(torch.uint8)


def draw_line(values: Tensor) -> Picture:
    """SVG of a vector (length) or signal (channels, length) or (channels, 1, length), each channel by its own range."""
    values = values.detach().cpu().double()
    channels = (values.reshape(1, -1) if values.ndim < 2 else values.flatten(1))[:MOST_CHANNELS]
    lines = "".join(_polyline(channel, number, len(channels)) for number, channel in enumerate(channels))
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none">'
    return Picture(f"{head}{lines}</svg>".encode(), "image/svg+xml")


def _polyline(values: Tensor, number: int, of: int) -> str:
    values = values.nan_to_num(0.0, 0.0, 0.0)
    values = values[:: max(1, -(-len(values) // LONGEST_SIGNAL))]
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high > low else torch.full_like(values, 0.5)
    top, height = 100 * number / of, 100 / of
    across = torch.linspace(2, 98, len(values))
    points = " ".join(
        f"{x:.1f},{top + height * (0.95 - 0.9 * y):.1f}" for x, y in zip(across.tolist(), scaled.tolist(), strict=True)
    )
    return (f'<polyline points="{points}" fill="none" {ALIVE if high > low else DEAD} '
            'vector-effect="non-scaling-stroke" stroke-linejoin="round"/>')  # fmt: skip
