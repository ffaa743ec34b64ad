"""A call with the wrong type fails its test, wherever in `assay` it is made."""

from collections.abc import Callable

import pytest
import torch
from beartype.roar import BeartypeCallHintViolation
from jaxtyping import TypeCheckError
from type_checks import FIRST_FEW, check, defined

from assay.data.loader import order_for_epoch
from assay.tricks.target.label_smoothing import smooth_targets


def test_a_wrong_type_is_found():
    with pytest.raises(TypeCheckError, match="order_for_epoch"):
        order_for_epoch("many", seed=0, epoch=0)  # pyright: ignore[reportArgumentType]


def test_a_wrong_shape_is_found():
    with pytest.raises(TypeCheckError, match="smooth_targets"):
        smooth_targets(torch.ones(2, 3, 4), smoothing=0.1)


def test_an_int_may_stand_where_a_float_is_asked_for():
    assert check(half)(3) == 1.5


def half(number: float) -> float:
    return number / 2


def define() -> Callable[[str], str]:
    def twice(number: int) -> int:
        return 2 * number

    return check(twice)  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("again", [False, True], ids=["in one test", "and in the next"])
def test_a_function_inside_another_is_checked_the_first_few_times(again: bool):
    assert not defined
    for _ in range(2 * FIRST_FEW):
        with pytest.raises(BeartypeCallHintViolation, match="twice"):
            define()("no")
    assert define()("no") == "nono"
