"""Whether examples are independent of one another, as every split by lot and every interval takes for granted."""

from __future__ import annotations

from collections.abc import Mapping

from assay.audit.dependence.label_order import describe_label_order
from assay.audit.dependence.order import find_order_dependence
from assay.audit.dependence.ranked import MOST_EXAMPLES, rank_examples
from assay.audit.dependence.straddling_groups import find_straddling_groups
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.finding import Finding, Skipped


def find_dependent_examples(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """Neighbours in the source that are alike, groups on both sides of a split, and labels in order."""
    ranked = rank_examples(data, scans)
    tied = [*find_order_dependence(ranked), *find_straddling_groups(ranked)] if ranked is not None else []
    return [*describe_label_order(data, scans), *tied]


def dependence_not_asked(scans: Mapping[str, Scan]) -> tuple[Skipped, ...]:
    """That likeness of neighbours and of groups is not looked at, where there are too many examples to rank."""
    n = sum(map(len, scans.values()))
    if n <= MOST_EXAMPLES:
        return ()
    reason = f"neighbours and groups are compared among at most {MOST_EXAMPLES:,} examples, these are {n:,}"
    return (Skipped("order_dependence", f"{reason}; inspect a part of the source"),)
