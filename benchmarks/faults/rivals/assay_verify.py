"""Ours: `assay.verify` with its usual budget, and nothing but the program's own arguments."""

from __future__ import annotations

from faults.program import Program
from faults.rivals.judgement import Alert, Judgement

BUDGET_SECONDS = 60.0


def judge(program: Program) -> Judgement:
    """Alerts as a build would see them."""
    import assay

    report = assay.verify(**program.arguments, budget_seconds=BUDGET_SECONDS)
    alerts = tuple(Alert(finding.summary, (finding.id,), finding.level) for finding in report.alerts)
    return Judgement(alerts, not_checked=tuple((skip.id, skip.reason) for skip in report.skipped))
