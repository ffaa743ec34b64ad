"""The history is only added to; what cannot be read is set aside by its line, and outcomes count for their rule."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from measured import healthy, not_fitting
from simulated import score

from assay.advice.counsel import counsel
from assay.advice.following import compare, over_examples, seed_luck, state_of
from assay.advice.history import (
    AdviceOutcome,
    as_given,
    history_file,
    last_outcomes,
    read_history,
    record_of,
    remember,
)
from assay.advice.judgement import Expected
from assay.advice.telling import history_lines
from assay.errors import InputError
from assay.example_scores import keep_scores
from assay.trial import pack


def given_advice():
    run = not_fitting()
    one = counsel(run).advice[0]
    return as_given(run, one, state_of(run, one.expected))


def outcome(of: str, verdict: str = "as expected") -> AdviceOutcome:
    return AdviceOutcome(
        of, "runs/digits-wider", verdict, 0.02, 0.01, 0.03, "training accuracy +0.02", "2026-01-01T00:00:00+00:00"
    )


def test_lines_are_read_back_as_they_were_written(tmp_path: Path):
    path, first = tmp_path / "advice.jsonl", given_advice()
    remember(path, first)
    remember(path, outcome(first.id))
    log = read_history(path)
    assert log.entries == (first, outcome(first.id))
    assert record_of(log.entries) == {"capacity": (1, 0)}
    assert first.before is not None
    assert first.before["value"] == 0.6


def test_a_damaged_line_is_set_aside_and_the_rest_counts(tmp_path: Path):
    path, first = tmp_path / "advice.jsonl", given_advice()
    remember(path, first)
    with path.open("a") as file:
        file.write('{"kind": "outcome", "id": "x"\n{"kind": "guess"}\n{"kind": "given", "id": 3}\n')
    remember(path, outcome(first.id, "within noise"))
    log = read_history(path)
    assert [one.line for one in log.set_aside] == [2, 3, 4]
    assert "lacks" in log.set_aside[2].reason
    assert record_of(log.entries) == {"capacity": (0, 1)}
    assert any("line 3 of" in line for line in history_lines(log))


def test_a_piece_of_a_line_left_by_a_kill_does_not_swallow_the_next(tmp_path: Path):
    path, first = tmp_path / "advice.jsonl", given_advice()
    remember(path, first)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    remember(path, outcome(first.id))
    log = read_history(path)
    assert len(log.entries) == 2
    assert len(log.set_aside) == 1


def test_the_last_outcome_of_an_advice_counts():
    first = given_advice()
    entries = (first, outcome(first.id, "not as expected"), outcome(first.id))
    assert last_outcomes(entries)[first.id].verdict == "as expected"
    assert record_of(entries) == {"capacity": (1, 0)}
    assert record_of((outcome("of nothing known"),)) == {}


def test_a_measurement_that_was_made_says_nothing_of_its_rule():
    first = given_advice()
    measuring = replace(first, expected=Expected("known", "what it is"))
    assert record_of((measuring, outcome(first.id))) == {}


def test_no_file_is_no_history_and_a_folder_is_an_error(tmp_path: Path):
    assert read_history(tmp_path / "none.jsonl").entries == ()
    assert "No advice was given yet" in next(iter(history_lines(read_history(tmp_path / "none.jsonl"))))
    with pytest.raises(InputError, match="advice cannot be read"):
        read_history(tmp_path)


def test_the_history_shows_rates_of_success(tmp_path: Path):
    path, first = tmp_path / "advice.jsonl", given_advice()
    remember(path, first)
    remember(path, outcome(first.id))
    told = list(history_lines(read_history(path)))
    assert "capacity: given 1, followed 1, as expected 1" in told
    assert any(line.strip() == f"$ {first.command}" for line in told)


def test_it_lies_beside_the_run(tmp_path: Path):
    assert history_file(tmp_path / "run") == tmp_path / "advice.jsonl"


def test_the_id_is_that_of_run_rule_and_command():
    assert given_advice().id == given_advice().id
    run = not_fitting()
    first, second = counsel(run).advice[:2]
    assert as_given(run, first, None).id != as_given(run, second, None).id


def state(scores: np.ndarray | None, value: float) -> dict:
    kept = None if scores is None else keep_scores([str(i) for i in range(len(scores))], torch.tensor(scores))
    plain = {name: getattr(score(value), name) for name in ("metric", "value", "low", "high", "n")}
    return {**plain, "scores": kept}


def test_paired_changes_by_hand():
    before, after = np.array([0.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 1.0, 0.0])
    change, low, high, how = over_examples(state(before, 0.5), state(after, 0.75))
    assert change == pytest.approx(0.25)
    assert high - change == pytest.approx(1.959964 * 0.5 / 2)
    assert change - low == pytest.approx(high - change)
    assert how == "paired by example"


def test_unpaired_changes_are_wider_and_equal_answers_are_not_certainty():
    scores = np.r_[np.ones(50), np.zeros(50)]
    paired = over_examples(state(scores, 0.5), state(scores, 0.5))
    assert paired[0] == 0
    assert paired[1] < 0 < paired[2]
    alone = over_examples(state(None, 0.5), state(None, 0.5))
    assert alone[3] == "unpaired"
    assert alone[2] - alone[1] > paired[2] - paired[1]


def test_luck_of_seeds_is_that_of_the_ablation_or_a_guess():
    row = {"trick": "Flip()", "effect": 0.0, "low": -0.01, "high": 0.01, "n": 4, "verdict": "no measurable effect"}
    run, of = healthy(tricks=(row, {**row, "low": -9.0, "metric": "loss"})), score(0.5, half=0.001)
    assert seed_luck(run, of) == (pytest.approx(0.02), "measured in the ablation")
    assert seed_luck(healthy(tricks=()), of) == (pytest.approx(1.959964 * math.sqrt(2) * 0.01), "our guess")
    before = {**state(None, 0.5), "seeds": [0.3, "measured in the ablation"]}
    change, low, high, how = compare(before, state(None, 0.75))
    assert low < 0 < high
    assert how.endswith("one training each, which seeds move by up to 0.3000: measured in the ablation")
    assert change == 0.25


@pytest.mark.parametrize("examples", [200, 2000])
def test_another_seed_is_seldom_told_as_what_was_expected(examples: int):
    """1,000 advices that change nothing but the seed: a gain in 2.5 % by chance; 37 would be rarer than 1 in 100.

    Seeds move a training by a point; over examples alone many more of them lie beside 0.
    """
    random, told, alone = np.random.default_rng(500), 0, 0
    for _ in range(1000):
        hardness = random.uniform(size=examples)
        before, after = (plain_state((hardness < 0.9 + 0.01 * random.normal()).astype(float)) for _ in range(2))
        told += compare(before, after)[1] > 0
        alone += over_examples(before, after)[1] > 0
    print(f"seed 500: {told} told, {alone} over examples alone")
    assert told <= 36
    assert alone > 75


def plain_state(scores: np.ndarray) -> dict:
    mean = float(scores.mean())
    half = 1.96 * math.sqrt(mean * (1 - mean) / len(scores))
    kept = {"ids": "same", "scores": pack(scores.astype(np.float32))}
    return {"metric": "accuracy", "value": mean, "low": mean - half, "high": mean + half, "n": len(scores),
            "scores": kept}  # fmt: skip


def test_the_state_is_of_the_score_that_is_to_change():
    run = healthy()
    assert state_of(run, Expected("training", "up"))["value"] == 0.975  # pyright: ignore[reportOptionalSubscript]
    assert state_of(run, Expected("validation", "up"))["value"] == 0.96  # pyright: ignore[reportOptionalSubscript]
    assert state_of(healthy(training=None), Expected("training", "up")) is None
    assert json.dumps(state_of(run, Expected("validation", "up")))


def test_an_advice_is_the_same_from_wherever_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "runs").mkdir()
    ids = set()
    for here, folder in (
        (tmp_path, Path("runs/one")),
        (tmp_path / "runs", Path("one")),
        (tmp_path, tmp_path / "runs/one"),
    ):
        monkeypatch.chdir(here)
        run = not_fitting(folder=folder, recipe_file=folder / "recipe.toml")
        given = as_given(run, counsel(run).advice[0], None)
        ids.add((given.id, given.folder))
    assert ids == {(given.id, str(tmp_path / "runs/one-wider"))}  # pyright: ignore[reportPossiblyUnboundVariable]
