"""One example in a terminal: a row by its columns, a picture in half blocks, a signal as lines of bars."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from assay.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text
    from torch import Tensor

    from assay.audit.texts.passages import Passage
    from assay.data.specification import Specification

UPPER_HALF = "▀"
BARS = "▁▂▃▄▅▆▇█"
MOST_ROWS = 60
"""Columns of a table or features of a vector; longer vectors are drawn as signals."""
SMALL = 32
"""Pixels that a picture is enlarged to, by whole numbers."""
LINES_BESIDE = 10
"""Of the terminal's height, for the question and the keys."""


def require_showable(specification: Specification, console: Console) -> None:
    """Refuse to ask about what cannot be seen.

    Raises:
        InputError: pictures, where no colours can be shown.
    """
    if specification.is_image and console.color_system is None:
        raise InputError("pictures cannot be shown here, without a terminal of many colours; "
                         "`assay ui SOURCE` asks the same questions on a page")  # fmt: skip


def show_example(
    console: Console,
    specification: Specification,
    inputs: Tensor,
    *,
    passages: Sequence[Passage] = (),
    left_out: Collection[str] = (),
) -> None:
    """Print one example's texts and raw inputs, without label and id.

    Args:
        left_out: names of columns that are not told, such as the numbers that stand for texts.
    """
    show_passages(console, passages)
    if specification.is_image:
        console.print(picture(inputs, columns=console.width, lines=console.height - LINES_BESIDE))
    elif inputs.dim() == 2 or (specification.is_signal and len(inputs) > MOST_ROWS):
        console.print(signal(inputs, columns=console.width))
    else:
        show_row(console, specification, inputs, left_out)


def show_passages(console: Console, passages: Sequence[Passage]) -> None:
    """Each text under the name of its column, wrapped to the terminal's width."""
    from rich.text import Text

    for passage in passages:
        console.print(Text(passage.name, "dim"))
        console.print(Text(passage.text), soft_wrap=False)
        console.print(Text(passage.note, "yellow") if passage.note else "")


def show_row(console: Console, specification: Specification, inputs: Tensor, left_out: Collection[str] = ()) -> None:
    """A line for each column, or of very many as many beside each other as the terminal is wide."""
    from rich.columns import Columns
    from rich.table import Table
    from rich.text import Text

    from assay.audit.quiz.row_text import read_row

    rows = read_row(specification, inputs, left_out)
    if not rows:
        return
    if len(rows) > MOST_ROWS:
        cells = [Text.assemble((f"{name}  ", "dim"), value) for name, value in rows]
        console.print(Columns(cells, padding=(0, 4), column_first=True))
        return
    table = Table.grid(padding=(0, 3))
    for name, value in rows:
        table.add_row(Text(name, "dim"), Text(value))
    console.print(table)


def picture(image: Tensor, *, columns: int, lines: int) -> Text:
    """(channels, height, width) as half blocks, two pixels above each other in each; enlarged or shrunk to fit."""
    import base64
    import io

    import numpy as np
    from PIL import Image
    from rich.style import Style
    from rich.text import Text

    from assay.figure import encode_png

    whole = Image.open(io.BytesIO(base64.b64decode(encode_png(image)))).convert("RGB")
    width, height = fitted(whole.width, whole.height, columns, 2 * max(lines, 8))
    enlarged = width >= whole.width
    whole = whole.resize((width, height), Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS)
    pixels = np.asarray(whole).tolist()
    text = Text(no_wrap=True)
    for top in range(0, height, 2):
        for left in range(width):
            upper = _hex(pixels[top][left])
            lower = _hex(pixels[top + 1][left]) if top + 1 < height else None
            text.append(UPPER_HALF, Style(color=upper, bgcolor=lower))
        text.append("\n")
    return text


def fitted(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """Width and height in pixels: a small picture enlarged by a whole number, a large one shrunk, its shape kept."""
    times = min(max(1, SMALL // max(width, height)), columns // width, rows // height)
    if times >= 1:
        return width * times, height * times
    share = min(columns / width, rows / height)
    return max(1, int(width * share)), max(1, int(height * share))


def signal(values: Tensor, *, columns: int) -> Text:
    """Each channel as one line of bars from its lowest to its highest value, which stand beside it."""
    import torch
    from rich.text import Text

    text = Text(no_wrap=True)
    for channel in values.view(-1, values.shape[-1]).float():
        width = min(len(channel), max(10, columns - 30))
        means = torch.stack([part.mean() for part in channel.tensor_split(width)])
        low, high = means.min(), means.max()
        heights = ((means - low) / (high - low).clamp_min(1e-12) * (len(BARS) - 1)).round().int().tolist()
        text.append("".join(BARS[height] for height in heights))
        text.append(f"  {channel.min().item():.4g} to {channel.max().item():.4g}\n", "dim")
    return text


def _hex(pixel: list[int]) -> str:
    return f"#{pixel[0]:02x}{pixel[1]:02x}{pixel[2]:02x}"
