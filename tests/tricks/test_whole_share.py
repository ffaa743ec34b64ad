from fractions import Fraction

import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.time_mask import TimeMask
from assay.tricks.batch.time_shift import TimeShift
from assay.tricks.batch.translate import Translate
from assay.tricks.whole_share import whole_share

CLOCK = Clock(0, 1, 1)


def test_by_hand():
    assert [whole_share(share, 10) for share in (0.0, 0.01, 0.1, 0.19, 0.3, 1.0)] == [0, 1, 1, 1, 3, 10]
    assert [whole_share(share, 1) for share in (0.0, 0.5, 1.0)] == [0, 0, 1], "half of one position is not all of it"


def test_hundredths_of_any_length_are_those_of_exact_arithmetic():
    """int(0.29 * 100) is 28."""
    for hundredths in range(1, 101):
        for length in (2, 7, 28, 32, 100, 224, 16_000):
            exact = max(1, Fraction(hundredths, 100) * length // 1)
            assert whole_share(hundredths / 100, length) == exact, (hundredths, length)


@pytest.mark.parametrize(("share", "length", "most"), [(0.29, 100, 29), (0.1, 5, 1), (1.0, 4, 4)])
def test_the_largest_shift_and_mask_are_reached(share: float, length: int, most: int):
    """A share that is less than one position moves or hides one, where int() made it nothing at all."""
    n = 40 * most
    (shift,), (mask,), (move,) = (
        (Recipe() | TimeShift(share, border="zero")).input_edits,
        (Recipe() | TimeMask(share)).batch_edits,
        (Recipe() | Translate(share, border="zero")).input_edits,
    )
    generator = torch.Generator().manual_seed(0)
    shifted = shift(torch.ones(n, length), torch.arange(n), generator, CLOCK)
    assert int((shifted == 0).sum(1).max()) == most
    masked, _ = mask(torch.ones(n, length), torch.ones(n, 1), generator, CLOCK)
    assert int((masked == 0).sum(1).max()) == most
    moved = move(torch.ones(n, 1, length, length), torch.arange(n), generator, CLOCK)
    assert int((moved == 0).all(3).sum(2).max()) == most
