"""Numbers, names and heights as all charts write them."""

from __future__ import annotations

import math

CHART_HEIGHT = 310


def rows_height(rows: int, each: int) -> int:
    """Pixels of a chart of so many rows; beyond forty they move together."""
    return 80 + each * max(min(rows, 40), 2)


def number(value: float) -> float | None:
    """Six significant digits; what is not finite becomes a gap."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def plain(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def no_template(text: str) -> str:
    """Keep `%{...}` in users' names from being read as a template."""
    return text.replace("%{", "%&#123;")
