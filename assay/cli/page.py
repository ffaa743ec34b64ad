"""`--page`: where a page may be written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from assay.errors import InputError

HEAD_BYTES = 16_384
TITLE_END = " – Assay</title>".encode()


def check_page(page: Path | None, source: str) -> None:
    """Refuse to write the page, if one is wanted, where it would destroy something or could not; before any work.

    Raises:
        InputError: the page is the source, a file that is no page of Assay's, a folder, or has no folder to lie in.
    """
    if page is None:
        return
    if Path(source).expanduser().exists() and page.resolve() == Path(source).expanduser().resolve():
        raise InputError(f"--page {page}: this is the SOURCE itself; name another file")
    if page.is_dir():
        raise InputError(f"--page {page}: this is a folder; name a file in it, such as {page / 'page.html'}")
    if not page.parent.is_dir():
        raise InputError(f"--page {page}: there is no folder {page.parent}; make it, or name another file")
    try:
        if page.exists() and not is_own_page(page):
            raise InputError(f"--page {page}: this file is there and is no page of Assay's; name another file")
        with tempfile.TemporaryFile(dir=page.parent):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"--page {page}: cannot be written ({reason}); name another file") from error


def is_own_page(path: Path) -> bool:
    """Whether a file begins as the pages that Assay writes."""
    with path.open("rb") as file:
        start = file.read(HEAD_BYTES)
    return start.lstrip().lower().startswith(b"<!doctype html>") and TITLE_END in start
