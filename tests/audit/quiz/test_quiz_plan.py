"""The questions of a quiz: drawn at random, the same for all who ask with the same seed, some of them twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.quiz import draw_plan
from assay.audit.quiz.plan import USUAL_GAP
from assay.data.data import Data
from assay.data.split import Split
from assay.errors import InputError


def with_validation(data: Data, n: int) -> Data:
    split = Split(torch.zeros(n, 1, 8, 8, dtype=torch.uint8), torch.arange(n) % 4, tuple(f"v{i}" for i in range(n)))
    return replace(data, validation=split)


def test_questions_are_places_of_the_split_and_repeats_come_again_later(tiny_images: Data) -> None:
    data = with_validation(tiny_images, 300)
    plan = draw_plan(data, questions=100, repeated=10, seed=3)
    assert len(plan) == 110
    assert [question.number for question in plan.questions] == list(range(110))
    assert len({example.position for example in plan.examples}) == 100
    assert all(question.id == f"v{question.position}" for question in plan.questions)
    again = [question for question in plan.questions if question.is_repeat]
    assert len({question.position for question in again}) == 10
    first = {example.position: example.number for example in plan.examples}
    for question in again:
        between = plan.questions[first[question.position] + 1 : question.number]
        assert len({one.position for one in between}) >= USUAL_GAP


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 80), st.integers(0, 10_000))
def test_any_plan_shows_each_example_before_its_repeat(n: int, questions: int, repeated: int, seed: int) -> None:
    plan = draw_plan(with_validation(_some_data(), n), questions=questions, repeated=repeated, seed=seed)
    shown = min(n, questions)
    assert len(plan.examples) == shown
    assert len(plan) - shown == min(repeated, shown // 2)
    seen = set[int]()
    for question in plan.questions:
        assert question.is_repeat == (question.position in seen)
        seen.add(question.position)


def test_the_same_seed_draws_the_same_and_another_one_another(tiny_images: Data) -> None:
    data = with_validation(tiny_images, 300)
    assert draw_plan(data, seed=1) == draw_plan(data, seed=1)
    assert draw_plan(data, seed=1).questions != draw_plan(data, seed=2).questions


def test_every_example_is_drawn_as_often(tiny_images: Data) -> None:
    data = with_validation(tiny_images, 20)
    counts = torch.zeros(20)
    for seed in range(400):
        for example in draw_plan(data, questions=5, repeated=0, seed=seed).examples:
            counts[example.position] += 1
    # 400 draws of 5 of 20: 100 each, with a deviation of 8.7.
    assert counts.min() > 60
    assert counts.max() < 140


def test_the_test_split_is_read_only_where_it_is_asked_for(tiny_images: Data) -> None:
    assert {question.split for question in draw_plan(tiny_images).questions} == {"validation"}
    assert {question.split for question in draw_plan(tiny_images, split="test").questions} == {"test"}


def test_what_cannot_be_asked_is_refused(tiny_images: Data, tiny_table: Data) -> None:
    with pytest.raises(InputError, match="a human baseline needs classes to choose from, got tiny table"):
        draw_plan(tiny_table)
    with pytest.raises(InputError, match="split must be one of validation, test, got 'train'; train is not held out"):
        draw_plan(tiny_images, split="train")
    with pytest.raises(InputError, match=r"questions must be at least 1 .* got 0 and 10"):
        draw_plan(tiny_images, questions=0)
    with pytest.raises(InputError, match=r"repeated at least 0 .* got 5 and -1"):
        draw_plan(tiny_images, questions=5, repeated=-1)
    with pytest.raises(InputError, match="split 'validation' of tiny images holds no example"):
        draw_plan(with_validation(tiny_images, 0))


def _some_data() -> Data:
    from assay.data.encoders import ArrayEncoder
    from assay.data.specification import Normalization, Specification

    specification = Specification(
        "classification", (1, 8, 8), Normalization((0.0,), (1.0,)), ArrayEncoder((1, 8, 8)), ("a", "b", "c", "d")
    )
    nothing = Split(torch.zeros(0, 1, 8, 8, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64), ())
    return Data("drawn", specification, nothing, nothing, nothing)
