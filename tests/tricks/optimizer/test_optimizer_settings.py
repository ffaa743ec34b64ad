"""Every optimiser refuses the same settings in the same words."""

from dataclasses import fields

import pytest

from assay.optimizers import OPTIMIZERS, RATES, SHARES, OptimizerBuilder
from assay.tricks.catalog import TRICKS

BUILDERS = (*OPTIMIZERS, *(kind for kind in TRICKS if isinstance(kind(), OptimizerBuilder)))


@pytest.mark.parametrize("kind", BUILDERS, ids=lambda kind: kind.__name__)
def test_rates_and_shares_are_refused_with_their_usual_values(kind):
    names = {field.name: field.default for field in fields(kind)}
    assert set(RATES) <= set(names)
    for name in names.keys() & {*RATES, *SHARES}:
        usual = rf"the usual value is {names[name]:g}" if names[name] else "0 is usual, which turns it off"
        rule = "finite and at least 0" if name in RATES else r"in \[0, 1\)"
        for wrong in (-1.0, float("nan"), float("inf")) if name in RATES else (-0.1, 1.0):
            with pytest.raises(ValueError, match=rf"{name} must be {rule}, got {wrong}; {usual}"):
                kind(**{name: wrong})


def test_every_optimizer_is_looked_at():
    assert len(BUILDERS) == 20
