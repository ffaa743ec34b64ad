"""A page may outlive its server: what it decides belongs to the data it was made of, and counts for no other.

Every request of a page's scripts carries in a header which data the page shows, and a form that is sent without them
carries it as a field. What is pressed on a page about other data is refused; a piece that such a page asks for makes it
load itself again.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from assay.ui.workspace import Workspace

HEADER = "x-assay-data"
OTHER = "this page shows other data than is read now: nothing was saved; reload the page and say it again"


class OtherDataError(Exception):
    """The page that asks was made of other data."""


def make_same_data(workspace: Workspace) -> Callable[[Request], None]:
    """What looks at every request before a tab answers it."""

    def check(request: Request) -> None:
        """Raise OtherDataError for a page of other data; who shows none, such as an address that is typed, may ask."""
        shown = request.headers.get(HEADER)
        if shown is not None and workspace.subject is not None and shown != workspace.subject.key:
            raise OtherDataError(OTHER)

    return check


def require_same_data(request: Request, workspace: Workspace, shown: str = "") -> None:
    """Before anything is written: the page must say which data it shows.

    Args:
        shown: the field of a form that is sent without scripts, and so without the header.
    Raises:
        NotReadyError: nothing is read yet.
        OtherDataError: it shows other data, or does not tell.
    """
    if (shown or request.headers.get(HEADER)) != workspace.ready()[0].key:
        raise OtherDataError(OTHER)
