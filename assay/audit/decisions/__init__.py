"""What reviewers decided about examples: an append-only file, its state, and the corrected view it makes of data."""

from assay.audit.decisions.apply import apply_decisions
from assay.audit.decisions.checking import label_now
from assay.audit.decisions.decision import Decision, decide
from assay.audit.decisions.journal import append_decision, check_appendable
from assay.audit.decisions.reading import DecisionLog, read_decisions
from assay.audit.decisions.state import Conflict, Drawn, State, fold, read_drawn
from assay.audit.journal import SetAside

__all__ = [
    "Conflict",
    "Decision",
    "DecisionLog",
    "Drawn",
    "SetAside",
    "State",
    "append_decision",
    "apply_decisions",
    "check_appendable",
    "decide",
    "fold",
    "label_now",
    "read_decisions",
    "read_drawn",
]
