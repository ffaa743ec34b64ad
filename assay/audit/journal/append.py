"""Appending to a file of lines: one write a line, so that two people at once lose nothing.

A writer holds the file's lock, writes its whole line at the end at once, and returns when the disk has it. One
that was killed in the middle leaves a piece of a line; the next one ends that piece first and begins its own line.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assay.audit.journal.lock import locked
from assay.errors import InputError


def append_line(path: Path, line: bytes, *, what: str) -> None:
    """Add the line, with its end, to the file, which is made if it is not there; on return it is on the disk.

    Args:
        what: what the lines hold, as messages call it: `decisions`, `answers`.
    Raises:
        InputError: the file cannot be written, or the disk is full; the file is then as it was before.
    """
    with _opened(path, what) as descriptor, locked(descriptor):
        before = os.fstat(descriptor).st_size
        whole = (b"" if _ends_a_line(descriptor, before) else b"\n") + line
        try:
            written = os.write(descriptor, whole)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, before)
            raise
        if written != len(whole):
            os.ftruncate(descriptor, before)
            raise InputError(f"{path}: only {written} of {len(whole)} bytes could be written; make room on the disk")


def check_appendable(path: Path, *, what: str) -> None:
    """For programs that begin to ask: that what is said can be kept at all. A file that is not there is not made.

    Raises:
        InputError: the file cannot be written.
    """
    with _told(path, what):
        if path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        else:
            tempfile.TemporaryFile(dir=path.parent).close()


@contextmanager
def _opened(path: Path, what: str) -> Iterator[int]:
    with _told(path, what):
        # O_APPEND puts each write at the end as it is then, whoever wrote meanwhile.
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def _told(path: Path, what: str) -> Iterator[None]:
    """What the system refuses, with the file and what to do."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"{path}: {what} cannot be written here ({reason}); give another file, or the right to write this one"
        ) from error


def _ends_a_line(descriptor: int, size: int) -> bool:
    if size == 0:
        return True
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"
