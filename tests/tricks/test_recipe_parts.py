"""Recipes have equal parts where they train alike, and only there: pairs of equal ones are trained once."""

import pytest
from recipe_parts import parts_of
from stacks import example, home, residual

from assay.recipe import Trick
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.mix_off import MixOff
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.norm.zca_whitening import ZCAWhitening
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing


@pytest.mark.parametrize(
    "pair",
    [
        *((Mixup(), Warmup()), (Cosine(), LabelSmoothing()), (ColOut(), FillerInit())),
        *((ZCAWhitening(), FillerInit()), (ColOut(), Cosine(of="batch_size"))),
    ],
    ids=repr,
)
def test_tricks_in_different_slots_or_of_ordered_phases_make_the_same_parts_in_both_orders(pair: tuple[Trick, Trick]):
    first, second = pair
    assert parts_of(residual() | first | second) == parts_of(residual() | second | first)


@pytest.mark.parametrize(
    "pair",
    [(Mixup(), CutMix()), (Mixup(), MixOff()), (ColOut(), Cosine(floor=0.5, of="resolution"))],
    ids=repr,
)
def test_what_acts_in_the_order_of_the_stack_makes_other_parts_in_the_other(pair: tuple[Trick, Trick]):
    first, second = pair
    one, other = parts_of(residual() | first | second), parts_of(residual() | second | first)
    assert [slot for slot in one if one[slot] != other[slot]] == ["batch_edits"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((Mixup(0.1), Mixup(0.2)), (ColOut(0.1), ColOut(0.2)), (ZCAWhitening(eps=0.1), ZCAWhitening(eps=0.2))),
        *((Cosine(), Cosine(floor=0.1)), (FillerInit(), FillerInit("gaussian")), (Cosine(), Cosine(of="momentum"))),
    ],
    ids=repr,
)
def test_other_values_make_other_parts(one: Trick, other: Trick):
    assert parts_of(residual() | one) != parts_of(residual() | other)
    assert parts_of(residual() | one) == parts_of(residual() | one)


def test_no_trick_acts_by_anything_that_is_left_out():
    silent = [kind.__name__ for kind in TRICKS if parts_of(home(kind) | example(kind)) == parts_of(home(kind))]
    # It changes the batch edits of others, and alone there are none.
    assert silent == ["MixOff"]
