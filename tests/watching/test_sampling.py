import pytest

from assay.watching.sampling import is_sampled


@pytest.mark.parametrize(
    ("every", "expected"),
    [(1, list(range(12))), (5, [0, 1, 2, 4, 5, 10]), (100, [0, 1, 2, 4, 8])],
)
def test_often_at_first_then_evenly(every, expected):
    assert [step for step in range(12) if is_sampled(step, every)] == expected


def test_from_the_first_multiple_on_only_multiples():
    assert [step for step in range(100, 400) if is_sampled(step, 100)] == [100, 200, 300]
