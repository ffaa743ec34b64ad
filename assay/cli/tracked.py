"""`--track`: what a command measures is told to TensorBoard, MLflow or W&B too."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from assay.run_folder import SUMMARY

if TYPE_CHECKING:
    from assay.tracking.sink import Sink


def choose_tracking(texts: Sequence[str] | None) -> tuple[Sink, ...]:
    """The tools that are asked for; to be called before anything slow.

    Raises:
        InputError: a tool is unknown, named twice, or not installed.
    """
    if not texts:
        return ()
    from assay.tracking.choose import choose_sinks

    return choose_sinks(texts)


def place_of(sinks: Sequence[Sink], stage: str, source: str, folder: Path | None) -> Path | None:
    """The folder of a stage alone; a numbered one where it has none and its curves are to be followed."""
    from assay.cli.folders import choose_folder

    if folder is not None or not sinks:
        return folder
    return choose_folder(None, name=f"{stage}-{Path(source).name}", finished=SUMMARY, resume=False)


def tracked(
    sinks: Sequence[Sink], command: str, folder: Path | None, asked: Mapping[str, object]
) -> AbstractContextManager[None]:
    """Tell them what is measured in this block; without them nothing is done, or imported.

    Args:
        asked: the command's request, as plain values.
    """
    if not sinks or folder is None:
        return nullcontext()
    from assay.tracking.follow import followed
    from assay.tracking.sink import Tracked

    name = folder.name if command == "run" or folder.name.startswith(command) else f"{command}-{folder.name}"
    return followed(sinks, Tracked(name, folder, {"command": command, **asked}), say=say)


def say(text: str) -> None:
    """On standard error, where a training's own lines go."""
    print(f"assay: {text}", file=sys.stderr, flush=True)
