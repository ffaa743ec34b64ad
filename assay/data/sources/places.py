"""Where a named data set is looked for."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/assay`, by default `~/.cache/assay`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assay"


def places_for(name: str) -> tuple[Path, ...]:
    """Directories that may hold the data set called `name`, in the order they are tried."""
    chosen = os.environ.get("ASSAY_DATA_DIR")
    places = [Path(chosen) / name] if chosen else []
    return (*places, Path("data") / name, Path("/usr/share/datasets") / name, cache_folder() / name)


def describe(places: tuple[Path, ...]) -> str:
    """The directories in one line, for an error."""
    return ", ".join(str(place) for place in places)
