"""Files that are written whole or not at all: a reader, or a kill, never meets half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new, empty file beside `path` to write to: moved there in one step when the block ends, removed if it fails.

    What was written is on the disk before it is moved. The folder is made if there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        os.chmod(unfinished, 0o644)  # mkstemp makes files that only their owner may read
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write `text` as UTF-8."""
    with replacing(path) as unfinished:
        # a file name that is not UTF-8 arrives as lone surrogates: write those as \\udc.. escapes
        unfinished.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
