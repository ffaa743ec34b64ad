"""Folders with results below another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from assay.run_folder import MARKS

DEEPEST = 4
"""Folders below the one asked for: `experiments/2024/photos/second`."""
MOST_FOLDERS = 2000
"""Looked into at the most: what was measured is not worth the reading of a whole disk."""
NOT_LOOKED_AT = ("__pycache__", "node_modules", "site-packages", "mlruns", "mlartifacts", "wandb")
"""The last three hold copies that tracking tools made."""


def result_folders(root: Path, *, full: Callable[[int], None], closed: Callable[[OSError], None]) -> Iterator[Path]:
    """Folders with results, `root` among them, in the order of their names.

    Args:
        full: told the number of folders after which no more are looked into.
        closed: told of a folder that cannot be opened.
    """
    for number, (place, folders, files) in enumerate(os.walk(root, onerror=closed)):
        if number == MOST_FOLDERS:
            return full(number)
        folder = Path(place)
        depth = len(folder.relative_to(root).parts)
        folders[:] = sorted(
            name for name in folders if depth < DEEPEST and not name.startswith(".") and name not in NOT_LOOKED_AT
        )
        if set(MARKS) & set(files):
            yield folder
