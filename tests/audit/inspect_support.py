"""What tests of an inspection share: what was found, by name, and data with another split."""

from __future__ import annotations

from dataclasses import replace

import torch

from assay.audit.audit import Audit
from assay.data.data import Data
from assay.data.split import Split
from assay.finding import Finding


def finding(report: Audit, name: str) -> Finding:
    return next(found for found in report.findings if found.id == name)


def alerts(report: Audit) -> set[str]:
    return {found.id for found in report.alerts}


def with_split(data: Data, name: str, inputs: torch.Tensor, targets: torch.Tensor) -> Data:
    return replace(data, **{name: Split(inputs, targets, getattr(data, name).ids)})
