from typing import Literal, Optional

import pytest

from assay.errors import InputError
from assay.plain_types import fit_value
from assay.tricks.batch.mixup import Mixup
from assay.tricks.inner_schedule import ScheduleTrick
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup


@pytest.mark.parametrize(
    ("value", "hint", "fitted"),
    [
        (3, int, 3),
        (3, float, 3.0),
        (True, bool, True),
        ("a", Literal["a", "b"], "a"),
        ([1, 2], tuple[int, ...], (1, 2)),
        ([], tuple[int, ...], ()),
        ([1, 2.5], tuple[float, float], (1.0, 2.5)),
        ([1], tuple[float, ...] | None, (1.0,)),
        (4, Optional[int], 4),  # noqa: UP045
        (Cosine(), ScheduleTrick, Cosine()),
        ([Cosine(), Warmup()], tuple[ScheduleTrick, ...], (Cosine(), Warmup())),
    ],
)
def test_values_that_fit(value, hint, fitted):
    found = fit_value(value, hint, "x")
    assert found == fitted
    assert type(found) is type(fitted)


@pytest.mark.parametrize(
    ("value", "hint", "message"),
    [
        (1.0, int, "x must be a whole number, got 1.0"),
        (True, int, "x must be a whole number, got True"),
        (True, float, "x must be a number, got True"),
        (1, bool, "x must be true or false, got 1"),
        (1, str, "x must be text in quotes, got 1"),
        (True, Literal[1, 2], "x must be one of 1, 2, got True"),
        ("c", Literal["a", "b"], 'x must be one of "a", "b", got \'c\''),
        ([1, 2, 3], tuple[float, float], r"x must be a list of 2, each a number, got \[1, 2, 3\]"),
        ("ab", tuple[str, ...], "x must be a list, each text in quotes, got 'ab'"),
        ("c", int | None, "x must be a whole number, got 'c'"),
        (Mixup(), ScheduleTrick, r"x must be a schedule trick, got Mixup\(alpha=0.2\)"),
        ([Cosine(), 0.5], tuple[ScheduleTrick, ...], "x must be a list, each a schedule trick, got "),
        (Cosine(), float, "x must be a number, got Cosine"),
    ],
)
def test_values_that_do_not(value, hint, message):
    with pytest.raises(InputError, match=message):
        fit_value(value, hint, "x")
