"""Where there are too many examples to compare neighbours, that is said."""

import pytest
import torch

from assay.audit.dependence import dependent_examples
from assay.audit.dependence.dependent_examples import dependence_not_asked
from assay.audit.scan import scan


def test_too_many_examples_are_told(make_data, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(torch.randn(60, 2), torch.arange(60) % 2, sizes=(40, 20, 0))
    scans = {"train": scan(data.train), "validation": scan(data.validation)}
    assert dependence_not_asked(scans) == ()
    monkeypatch.setattr(dependent_examples, "MOST_EXAMPLES", 59)
    (skip,) = dependence_not_asked(scans)
    assert (skip.id, skip.reason) == (
        "order_dependence",
        "neighbours and groups are compared among at most 59 examples, these are 60; inspect a part of the source",
    )
