"""The published recipes in the documentation, made from the presets themselves while it is built."""

from __future__ import annotations

from typing import Any

from assay.presets.catalog import PRESETS
from assay.recipe_toml import recipe_to_toml

TABLE = "<!-- the presets -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the presets where their mark stands."""
    return markdown.replace(TABLE, "\n".join(map(section, PRESETS))) if TABLE in markdown else markdown


def section(preset: Any) -> str:
    """One preset: result, source, deviations, and the recipe as a file."""
    deviations = "".join(f"\n    - {line}" for line in preset.deviations) or " none"
    return (
        f"## {preset.name}\n\nFor {preset.data}.\n\n"
        f"- **Published:** {preset.published}\n- **Source:** {preset.source}\n"
        f"- **Where ours differs:**{deviations}\n\n```toml\n{recipe_to_toml(preset.recipe)}```\n"
    )
