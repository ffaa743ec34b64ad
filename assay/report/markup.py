"""Prose, pictures and tables as HTML, with every text escaped and every picture checked."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from assay.figure import Images, Table

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SMALL_PIXELS = 72
LONG_WORD = 8
SHORT, SHORT_OF_MANY, MANY_COLUMNS = 24, 19, 9
"""Characters that stay in one line; fewer where columns are many, so that all have room."""
LONG_TABLE = 24
"""Rows; a longer table slides in a box of its own."""
NUMBERS = re.compile(r"(?=.*\d|\N{EN DASH})[-+\N{MINUS SIGN}\N{EN DASH}\d.,e%\[\]\N{MULTIPLICATION SIGN}x s]+")


def inline(text: str) -> Markup:
    """Prose in which `backticks` set off code."""
    parts = re.split(r"`([^`]+)`", text)
    marked = (Markup("<code>{}</code>" if i % 2 else "{}").format(part) for i, part in enumerate(parts))
    return Markup("").join(marked)


def chart_html(drawing: dict[str, Any], told: str, *, least_width: int = 0) -> Markup:
    """A chart with its data for the page's script; one that needs width slides sideways in a narrow window."""
    chart = Markup(
        '<div class="plot" style="height:{}px" role="img" aria-label="{}">'
        '<script type="application/json">{}</script></div>'
    ).format(drawing["layout"]["height"], told, script_json(drawing))
    if not least_width:
        return chart
    box = Markup('<div class="sideways" tabindex="0" role="group" aria-label="chart" style="--least:{}px">{}</div>')
    return box.format(least_width, chart)


def script_json(value: Any) -> Markup:
    """JSON that cannot end its script element: `<`, `>` and `&` are written as escapes."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def images_html(figure: Images) -> Markup:
    """A grid of tiles; pictures smaller than a tile are enlarged with hard pixel edges."""
    pairs = zip_longest(figure.pngs, figure.captions[: len(figure.pngs)], fillvalue="")
    tiles = Markup("").join(_tile(png, text) for png, text in pairs)
    wide, half = tile_columns(figure)
    return Markup('<div class="tiles" style="--wide:{};--half:{}">{}</div>').format(wide, half, tiles)


def tile_columns(figure: Images) -> tuple[int, int]:
    """Columns over the whole width and over half of it: those that leave the fewest holes, the most of these.

    Captions need room: the longer their words, the fewer columns.
    """
    count, word = len(figure.pngs), max((len(word) for text in figure.captions for word in text.split()), default=0)
    wide, half = (12, 8) if not word else (10, 4) if word > LONG_WORD else (12, 5)
    widths = range(wide, wide // 2, -1), range(half, 1, -1)
    across, beside = (min(columns, key=lambda number: -count % number) for columns in widths)
    return across, beside


def _tile(png: str, caption: str) -> Markup:
    size = png_size(png)
    if size is None:
        picture = Markup('<span class="broken">not a PNG picture</span>')
    else:
        kind = Markup(' class="pixels"') if max(size) <= SMALL_PIXELS else Markup("")
        alternative = caption or "picture without a caption"
        data = "data:image/png;base64," + png
        picture = Markup('<img{} src="{}" alt="{}" loading="lazy">').format(kind, data, alternative)
    label = Markup("<figcaption>{}</figcaption>").format(caption) if caption else Markup("")
    return Markup('<figure class="tile">{}{}</figure>').format(picture, label)


def png_size(text: str) -> tuple[int, int] | None:
    """(width, height) in pixels of a base64 PNG, from its header; None if it is not one."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(content) < 24 or content[:8] != PNG_SIGNATURE or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def table_html(figure: Table) -> Markup:
    """A table whose columns of numbers are set flush right; one of many rows or columns slides in a box of its own."""
    columns = range(len(figure.columns))
    longest = SHORT if len(columns) < MANY_COLUMNS else SHORT_OF_MANY
    cells = [[row[i] for row in figure.rows if i < len(row)] for i in columns]
    kinds = [
        "number" if i and _is_numeric(cells[i]) else "short" if i and _is_short(cells[i], longest) else ""
        for i in columns
    ]
    head = Markup("").join(_cell("th", text, kind) for text, kind in zip(figure.columns, kinds, strict=True))
    body = Markup("").join(_row(row, kinds) for row in figure.rows)
    long = " long" if len(figure.rows) > LONG_TABLE else ""
    return Markup(
        '<div class="scroll{}" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(long, figure.title or "table", head, body)


def _row(row: Sequence[str], kinds: Sequence[str]) -> Markup:
    cells = (_cell("td", text, kind) for text, kind in zip(row, kinds, strict=False))
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _cell(tag: str, text: str, kind: str) -> Markup:
    side = Markup(' class="{}"').format(kind) if kind else Markup("")
    scope = Markup(' scope="col"') if tag == "th" else Markup("")
    return Markup("<{tag}{side}{scope}>{text}</{tag}>").format(tag=Markup(tag), side=side, scope=scope, text=text)


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether every cell is made of numbers: signed, grouped, per cent, with a unit of one letter, an interval."""
    return bool(cells) and all(NUMBERS.fullmatch(str(cell).replace(" to ", " ").strip()) for cell in cells)


def _is_short(cells: Sequence[str], longest: int) -> bool:
    """Whether every cell is better read in one line."""
    return all(len(str(cell)) <= longest for cell in cells)
