"""Splits: stratified, seeded, and never through a group."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from assay.data.encoders import ArrayEncoder
from assay.data.examples import Examples
from assay.data.splitting import choose_share, groups_from_pattern, least_examples, limit_examples, split_examples
from assay.errors import InputError
from assay.randomness import generator_for


def examples_of(targets: Tensor, **fields: object) -> Examples:
    classes = tuple(str(index) for index in range(int(targets.max()) + 1))
    ids = tuple(str(index) for index in range(len(targets)))
    return Examples(
        name="toy",
        task="classification",
        inputs=torch.arange(len(targets)).float().unsqueeze(1),
        targets=targets,
        ids=ids,
        encoder=ArrayEncoder((1,)),
        classes=classes,
        **fields,  # type: ignore[arg-type]
    )


def test_proportions_by_hand() -> None:
    """100 and 50 examples: 20 % test leaves 80 and 40, of which 20 % validate."""
    targets = torch.tensor([0] * 100 + [1] * 50)
    parts = split_examples(examples_of(targets))
    counts = {name: torch.bincount(targets[indices]).tolist() for name, indices in parts.items()}
    assert counts == {"train": [64, 32], "validation": [16, 8], "test": [20, 10]}


@given(
    counts=st.lists(st.integers(2, 30), min_size=2, max_size=6),
    share=st.floats(0.05, 0.6),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_strata_keep_their_share_and_something_to_train_on(counts: list[int], share: float, seed: int) -> None:
    strata = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    taken = torch.bincount(strata[choose_share(strata, share, generator_for(seed))], minlength=len(counts)).tolist()
    for got, count in zip(taken, counts, strict=True):
        assert got <= count - 1
    assert sum(taken) == min(round(sum(counts) * share), sum(counts) - len(counts))
    if min(counts) * (1 - share) >= 2:  # nowhere does the last training example get in the way
        assert all(abs(got - share * count) < 1 for got, count in zip(taken, counts, strict=True))


def test_splits_are_disjoint_complete_and_in_the_order_of_the_source() -> None:
    targets = torch.arange(200) % 4
    parts = split_examples(examples_of(targets), seed=3)
    assert torch.cat(list(parts.values())).sort().values.tolist() == list(range(200))
    assert all(indices.tolist() == sorted(indices.tolist()) for indices in parts.values())


def test_same_seed_same_split_and_another_seed_another() -> None:
    examples = examples_of(torch.arange(200) % 4)
    first, again, other = (split_examples(examples, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["test"], other["test"])


def test_given_parts_are_respected_and_only_the_missing_one_is_carved() -> None:
    given_parts = ("train",) * 80 + ("test",) * 20
    parts = split_examples(examples_of(torch.arange(100) % 2, parts=given_parts))
    assert parts["test"].tolist() == list(range(80, 100))
    assert len(parts["validation"]) == 16
    assert set(parts["validation"].tolist()) < set(range(80))


@given(
    sizes=st.lists(st.integers(1, 12), min_size=6, max_size=40),
    classes=st.integers(1, 4),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_groups_never_straddle_splits(sizes: list[int], classes: int, seed: int) -> None:
    groups = [f"g{index}" for index, size in enumerate(sizes) for _ in range(size)]
    strata = torch.randint(0, classes, (len(groups),), generator=generator_for(seed, "strata"))
    mask = choose_share(strata, 0.3, generator_for(seed), groups)
    inside = {group for group, chosen in zip(groups, mask.tolist(), strict=True) if chosen}
    outside = {group for group, chosen in zip(groups, mask.tolist(), strict=True) if not chosen}
    assert not inside & outside
    # Off by no more than the largest group in each class.
    assert abs(mask.float().mean().item() - 0.3) * len(groups) <= max(sizes) * classes


def test_groups_hold_their_share_of_every_class() -> None:
    """50 groups of four, each of one class: both classes come out at 20 % in the test split."""
    groups = tuple(f"patient{index // 4}" for index in range(200))
    targets = torch.tensor([(index // 4) % 2 for index in range(200)])
    parts = split_examples(examples_of(targets, groups=groups))
    assert torch.bincount(targets[parts["test"]]).tolist() == [20, 20]
    homes = [{groups[index] for index in indices.tolist()} for indices in parts.values()]
    assert not homes[0] & homes[1]
    assert not homes[0] & homes[2]
    assert not homes[1] & homes[2]


def test_three_groups_fill_three_splits_and_two_cannot() -> None:
    targets = torch.arange(30) % 2
    parts = split_examples(examples_of(targets, groups=tuple(str(index // 10) for index in range(30))))
    assert [len(indices) for indices in parts.values()] == [10, 10, 10]
    with pytest.raises(InputError, match="there are 2 groups, and no group may straddle"):
        split_examples(examples_of(targets, groups=tuple(str(index // 15) for index in range(30))))


def test_too_few_examples_are_refused() -> None:
    examples = replace(examples_of(torch.tensor([0, 1])), task="regression", classes=(), targets=torch.rand(2))
    with pytest.raises(
        InputError, match=r"of 2 examples the validation split would get 0, .* give at least 10 examples"
    ):
        split_examples(examples)


def test_limit_is_stratified_and_exact() -> None:
    strata = torch.tensor([0] * 60 + [1] * 30)
    training = torch.arange(90)
    kept = limit_examples(strata, training, 30, seed=0)
    assert torch.bincount(strata[kept]).tolist() == [20, 10]
    assert torch.equal(limit_examples(strata, training, 100, seed=0), training)
    rare = torch.tensor([0, 1, 2] + [3] * 97)
    assert torch.bincount(rare[limit_examples(rare, torch.arange(100), 10, seed=0)]).tolist() == [1, 1, 1, 7]


def test_patterns_name_groups() -> None:
    assert groups_from_pattern(["a/p1_x.png", "b/p2_y.png"], r"/(p\d)_") == ("p1", "p2")
    with pytest.raises(InputError, match="not a regular expression"):
        groups_from_pattern(["a"], "(")
    with pytest.raises(InputError, match="exactly one capture group, got 2"):
        groups_from_pattern(["a"], "(a)(b)")
    with pytest.raises(InputError, match=r"does not match 1 of 2 files, for instance 'c/q\.png'"):
        groups_from_pattern(["a/p1_x.png", "c/q.png"], r"/(p\d)_")


def test_validation_and_test_get_at_least_two_examples_each() -> None:
    assert (least_examples(), least_examples(0.1, 0.1), least_examples(0.5, 0.5)) == (10, 17, 5)
    for count in range(2, 14):
        examples = replace(examples_of(torch.zeros(count).long()), task="regression")
        if count < least_examples():
            with pytest.raises(InputError, match=f"of {count} examples the .* needs at least 2; give at least 10"):
                split_examples(examples)
        else:
            assert min(map(len, split_examples(examples).values())) >= 2


def test_a_part_of_the_source_with_one_example_is_refused() -> None:
    parts = ("train",) * 19 + ("test",)
    with pytest.raises(InputError, match="the test split would get 1, it needs at least 2; add examples to that part"):
        split_examples(examples_of(torch.arange(20) % 2, parts=parts))
