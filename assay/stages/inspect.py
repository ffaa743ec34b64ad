"""Become one with the data: stage 1 in a run."""

from __future__ import annotations

from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.run_folder import AUDIT
from assay.saying import now_and_then
from assay.stages.session import Result, Session


def inspect_stage(session: Session, data: Data) -> Result:
    """Become one with the data; the table of examples is left in the run's folder."""
    audit = inspect(data, budget_seconds=session.seconds_for("inspect"), say=now_and_then(session.say))
    audit.save(session.folder / AUDIT)
    return {"report": audit.report.to_dict()}
