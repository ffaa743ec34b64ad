"""The page's colours: those of the report, so that both look alike, with a switch between light and dark."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import assay.report

STYLE = Path(assay.report.__file__).parent / "templates" / "report.css"


@cache
def colours_css() -> str:
    """Light by default, dark where the system or the reader's switch (`data-theme`) wants it."""
    text = STYLE.read_text(encoding="utf-8")
    dark = re.search(r"prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", text, re.DOTALL)
    light = re.search(r":root \{(.*?)\}", text, re.DOTALL)
    if light is None or dark is None:
        raise ValueError(f"{STYLE} must begin with its colours in :root, light and dark")
    return (
        f":root {{{light[1]}}}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{{dark[1]}}} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark[1]}}}\n"
        ":root[data-theme=light] { color-scheme: light; }\n"
    )
