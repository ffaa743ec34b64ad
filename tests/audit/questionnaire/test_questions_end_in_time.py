"""Questions end at their budget on a machine that becomes slower: counted by a clock that only trainings move."""

from __future__ import annotations

from inspect import unwrap
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from assay.audit.questionnaire import columns as columns_module
from assay.audit.questionnaire import measure as measure_module
from assay.audit.questionnaire.columns import ask_columns
from assay.audit.questionnaire.measure import LATE, Measured, measure
from assay.audit.questionnaire.probe import probe_recipe
from assay.audit.questionnaire.sheet import sheet
from assay.saying import silent


class Clock:
    """Seconds of each training, by how many there were before."""

    def __init__(self, seconds_of: Any) -> None:
        self.now, self.trainings, self.seconds_of = 0.0, 0, seconds_of

    def perf_counter(self) -> float:
        return self.now

    def train(self) -> None:
        self.now += self.seconds_of(self.trainings)
        self.trainings += 1


def measured_by(clock: Clock, seconds: float, make_data: Any, monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Rounds over six questions whose trainings only move the clock."""
    data = make_data(torch.zeros(200, 1, 8, 8), torch.arange(200) % 2)
    questions = sheet((1, 8, 8))[:6]
    evaluation = SimpleNamespace(example_scores=torch.ones(40), value=1.0)

    def train(*_: object, seed: int, **__: object) -> Any:
        clock.train()
        return SimpleNamespace(validation=evaluation, seed=seed)

    def ask(measured: Measured, question: Any, *_: object) -> None:
        clock.train()
        measured.changed.setdefault(question.name, []).append(np.ones(40))

    monkeypatch.setattr(measure_module, "time", clock)
    monkeypatch.setattr(measure_module, "train", train)
    monkeypatch.setattr(measure_module, "_ask", ask)
    monkeypatch.setattr(measure_module, "learns", lambda *_: True)
    # Without the type checker of these tests, which would ask for a real run.
    return unwrap(measure)(data, questions, probe_recipe(data), seed=0, seconds=seconds)


def test_at_the_planned_pace_all_questions_have_three_rounds(make_data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(lambda trainings: 1.0)
    found = measured_by(clock, 22.0, make_data, monkeypatch)
    assert {len(scores) for scores in found.changed.values()} == {3}
    assert len(found.changed) == 6
    assert clock.now <= 22.0


@pytest.mark.parametrize("slow_from", [1, 3, 7, 8, 10, 15])
def test_a_machine_that_becomes_ten_times_slower_ends_it_in_time(
    slow_from: int, make_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(lambda trainings: 1.0 if trainings < slow_from else 10.0)
    found = measured_by(clock, 22.0, make_data, monkeypatch)
    # What is under way when the pace changes is not foreseen: at most one training more.
    assert clock.now <= LATE * 22.0 + 10.0
    assert len(found.usual) >= max(map(len, found.changed.values()))


def test_a_slow_first_round_is_followed_by_a_second_of_fewer_questions(
    make_data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(lambda trainings: 1.0 if trainings < 7 else 3.0)
    found = measured_by(clock, 22.0, make_data, monkeypatch)
    twice = [name for name, scores in found.changed.items() if len(scores) > 1]
    assert 1 <= len(twice) < 6
    assert clock.now <= LATE * 22.0


def test_forests_take_no_more_than_half_of_the_time(make_data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    data, clock, grow = make_data(inputs, (inputs[:, 0] > 0).long()), Clock(lambda _: 8.0), columns_module._forest

    def slow(*arguments: Any) -> Any:
        clock.train()
        return grow(*arguments)

    monkeypatch.setattr(columns_module, "time", clock)
    monkeypatch.setattr(columns_module, "_forest", slow)
    found = ask_columns(data, seed=0, seconds=50.0, say=silent)
    assert len(found.usual) == 3
    assert len(found.columns) == 3
    assert clock.now == 24.0
