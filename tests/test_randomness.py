"""Randomness by name: equal names repeat, different names are independent, global state is put back."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.randomness import derive_seed, generator_for, scoped_seed

NAMES = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 1000)), max_size=3).map(tuple)


@given(seed=st.integers(0, 2**40), names=NAMES)
def test_a_derived_seed_is_a_pure_function_in_the_range_torch_takes(seed, names):
    value = derive_seed(seed, *names)
    assert value == derive_seed(seed, *names)
    assert 0 <= value < 2**63


def test_derived_seeds_are_the_same_on_every_machine():
    # Fixed: if these change, no stored run can be resumed or found again.
    assert [derive_seed(0, "model"), derive_seed(1, "order", 7)] == [1689353482259370465, 6374741137579390896]


def test_names_are_kept_apart_from_each_other_and_from_the_seed():
    calls = [
        (0, "a", "b"),
        (0, "ab"),
        (0, "a, b"),
        (0, "a"),
        (1, "a"),
        (0, "1"),
        (0, 1),
        (0,),
        (0, "a", 0),
        (0, "a", 1),
    ]
    assert len({derive_seed(*call) for call in calls}) == len(calls)


def test_generators_of_one_name_repeat_whatever_was_drawn_from_others():
    first = torch.rand(5, generator=generator_for(3, "mixup", 10))
    torch.rand(100, generator=generator_for(3, "mixup", 9))
    assert torch.equal(first, torch.rand(5, generator=generator_for(3, "mixup", 10)))


def test_streams_of_neighbouring_steps_are_uncorrelated():
    n = 4000
    streams = torch.stack([torch.randn(n, generator=generator_for(0, "order", step)) for step in range(12)])
    correlations = torch.corrcoef(streams)[~torch.eye(12, dtype=torch.bool)]
    # 66 pairs, each with deviation 1/sqrt(n): five deviations are passed once in 26,000 tries.
    assert correlations.abs().max() < 5 / n**0.5


def test_first_numbers_of_many_streams_are_uniform():
    n = 2000
    firsts = torch.stack([torch.rand((), generator=generator_for(0, "flip", step)) for step in range(n)])
    ordered = firsts.sort().values
    gap = (ordered - (torch.arange(n) + 0.5) / n).abs().max()
    # Kolmogorov-Smirnov: P(gap > 1.95 / sqrt(n)) is 0.001.
    assert gap < 1.95 / n**0.5


def test_scoped_seed_draws_the_same_numbers_each_time(random_state_untouched):
    with scoped_seed(0, "model"):
        first = torch.nn.Linear(3, 2).weight.detach().clone()
    with scoped_seed(0, "model"):
        assert torch.equal(first, torch.nn.Linear(3, 2).weight)
    with scoped_seed(0, "another"):
        assert not torch.equal(first, torch.nn.Linear(3, 2).weight)


def test_scoped_seed_puts_the_state_back_after_an_error(random_state_untouched):
    with scoped_seed(0, "model"):
        torch.rand(3)  # moves the state, so that the fixture sees whether it is put back
    with pytest.raises(ZeroDivisionError), scoped_seed(0, "model"):
        torch.rand(3).div_(1 // 0)


def test_scoped_seeds_nest(random_state_untouched):
    with scoped_seed(0, "outer"):
        expected = torch.rand(4)
    with scoped_seed(0, "outer"):
        first = torch.rand(2)
        with scoped_seed(0, "inner"):
            torch.rand(9)
        assert torch.equal(torch.cat([first, torch.rand(2)]), expected)
