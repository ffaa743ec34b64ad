import pytest

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine


def test_first_middle_and_last_are_1():
    schedule = (Recipe() | ConstantLR()).learning_rate_schedule
    assert schedule is not None
    assert [schedule(Clock(step, 100, 10)) for step in (0, 50, 99)] == [1.0, 1.0, 1.0]


def test_excludes_another_schedule_by_name():
    with pytest.raises(RecipeError, match="Cosine and ConstantLR both set learning rate schedule"):
        Recipe() | ConstantLR() | Cosine()
