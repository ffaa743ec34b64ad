"""A signal as a small picture: one line a channel, each by its own range, below each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

SIDE, FINER = 192, 3
MOST_CHANNELS = 8
LEAST_LENGTH = 16
"""What is shorter is shown as a row of squares, which can be told apart."""
COLOUR = (90, 120, 232, 255)
"""Can be told from a light and from a dark ground."""


def draw_signal(values: Tensor) -> Image:
    """(channels, length) as a square of 192 pixels on no ground; of more than eight channels the first."""
    from PIL import Image, ImageDraw

    side, channels = SIDE * FINER, values[:MOST_CHANNELS].double().nan_to_num(0.0, 0.0, 0.0)
    picture = Image.new("RGBA", (side, side), (*COLOUR[:3], 0))
    pen, height = ImageDraw.Draw(picture), side / len(channels)
    for number, channel in enumerate(channels):
        low, high = float(channel.min()), float(channel.max())
        scaled = (channel - low) / (high - low) if high > low else channel * 0 + 0.5
        step = (side - 1) / max(1, len(scaled) - 1)
        points = [(place * step, height * (number + 0.95 - 0.9 * value)) for place, value in enumerate(scaled.tolist())]
        pen.line(points, fill=COLOUR, width=2 * FINER, joint="curve")
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
