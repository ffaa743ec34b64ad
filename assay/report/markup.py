"""Prose, charts and pictures as HTML, with every text escaped and every picture checked."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from assay.figure import Images

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SMALL_PIXELS = 72
LONG_WORD = 8


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
        picture = Markup('<img{} src="{}" alt="{}" decoding="async">').format(kind, data, alternative)
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
