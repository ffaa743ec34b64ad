"""A call with the wrong type fails its test, wherever in `assay` it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
import torch
from beartype.roar import BeartypeCallHintViolation
from jaxtyping import Float, TypeCheckError
from torch import Tensor
from type_checks import FIRST_FEW, check_when_called, defined, has_shapes

from assay.data.loader import order_for_epoch
from assay.tricks.target.label_smoothing import smooth_targets

if TYPE_CHECKING:
    from somewhere import ForTypeCheckersAlone


def test_a_wrong_type_is_found():
    with pytest.raises(TypeCheckError, match="order_for_epoch"):
        order_for_epoch("many", seed=0, epoch=0)  # pyright: ignore[reportArgumentType]


def test_a_wrong_shape_is_found():
    with pytest.raises(TypeCheckError, match="smooth_targets"):
        smooth_targets(torch.ones(2, 3, 4), smoothing=0.1)


def test_an_int_may_stand_where_a_float_is_asked_for():
    assert check_when_called(half)(3) == 1.5


def test_functions_that_speak_of_shapes_are_told_from_others():
    assert all(map(has_shapes, (rows, rows_or_nothing, counted, unknown)))
    assert not has_shapes(half)


def test_one_name_of_a_dimension_is_one_number():
    checked = check_when_called(rows)
    assert checked(torch.ones(2, 3), torch.ones(2)).shape == (2, 3)
    with pytest.raises(TypeCheckError, match="rows"):
        checked(torch.ones(2, 3), torch.ones(3))


Rows = Float[Tensor, "n width"]


def rows(first: Rows, second: Float[Tensor, " n"]) -> Rows:
    return first * second[:, None]


def rows_or_nothing(first: Rows | None = None) -> None: ...


def counted() -> dict[str, list[Rows]]: ...


def unknown(number: ForTypeCheckersAlone) -> None: ...


def half(number: float) -> float:
    return number / 2


def define() -> Callable[[str], str]:
    def twice(number: int) -> int:
        return 2 * number

    return check_when_called(twice)  # pyright: ignore[reportReturnType]


@pytest.mark.parametrize("again", [False, True], ids=["in one test", "and in the next"])
def test_a_function_inside_another_is_checked_the_first_few_times(again: bool):
    assert not defined
    for _ in range(FIRST_FEW):
        with pytest.raises(BeartypeCallHintViolation, match="twice"):
            define()("no")
    assert define()("no") == "nono"
