"""Which jobs of the queue are meant: free ones, unfinished ones, those that a worker may take."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from assay.store.tables import JobRow


def free(now: float, owner: str) -> ColumnElement[bool]:
    """Nobody's, or this worker's own: its connection broke when it was given the job."""
    again = and_(JobRow.state == "leased", JobRow.owner == owner)
    return or_(JobRow.state == "queued", silent(now), again)


def silent(now: float) -> ColumnElement[bool]:
    """Of a worker that is thought dead."""
    return and_(JobRow.state == "leased", JobRow.expires < now)


def unfinished() -> ColumnElement[bool]:
    """Still to be done."""
    return JobRow.state.in_(("queued", "leased"))


def open_to(asker: str | None, devices: Sequence[str] | None, without: Sequence[str] = ()) -> ColumnElement[bool]:
    """Jobs that a worker may take: of one asker, for devices that it has, on data that it can open."""
    conditions = [JobRow.data.not_in(without)]
    conditions += [] if devices is None else [JobRow.device.in_(devices)]
    conditions += [] if asker is None else [JobRow.asker == asker]
    return and_(*conditions)
