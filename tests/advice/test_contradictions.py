"""No two pieces of advice move one setting in opposite directions, and each says truly what its command moves."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from measured import LAYERS, STEPS, healthy, not_fitting, short_of_target
from simulated import SCHEDULES, sample, score, simulate
from test_advising_rules import PLANTED, RULES

from assay.advice.advise import advise
from assay.advice.contradiction import all_moves, opposed, part_contradictions, without_contradictions
from assay.advice.counsel import Advice, counsel, make_advice
from assay.advice.curves import Curves
from assay.advice.judgement import BATCH, LENGTH, LOWER_RATE, RAISE_RATE, RATE, REMEDY, Advised, Fine
from assay.advice.measurements import Measurements
from assay.advice.rules import gradient_at_rest, restless_answers, step_size
from assay.finding import Finding
from assay.recipe import Recipe
from assay.tricks.expression import read_trick


def stood_still(ratio: float) -> Curves:
    """A loss that stands still at a gradient that did not shrink, with steps of this size."""
    seen = tuple(
        sample(step, update_ratios=dict.fromkeys(LAYERS, ratio), gradient_norm=1.0) for step in STEPS
    )  # fmt: skip
    base = simulate(1e-6, seed=4, loss_noise=0.1)
    return replace(base, losses=2.3 + 0.01 * np.sin(base.steps), samples=seen, validation_values=np.full(10, 0.3))


def test_short_steps_at_a_stand_are_not_told_to_be_shorter():
    short = not_fitting(curves=stood_still(8e-6))
    assert isinstance(step_size.judge(short), Advised)
    assert isinstance(gradient_at_rest.judge(short), Fine)
    assert isinstance(gradient_at_rest.judge(not_fitting(curves=stood_still(5e-3))), Advised)
    fixes = [one.fix for one in advise(stood_still(8e-6))[0] if one.fix]
    assert [fix for fix in fixes if way_told(fix)] == ["Raise the learning rate tenfold."]


def test_each_rule_says_truly_which_way_its_command_moves():
    for name, (make, _) in PLANTED.items():
        run = make()
        told = RULES[name].judge(run)
        assert isinstance(told, Advised)
        assert moved_by(told, run.recipe) == {key: way for key, way in told.moves.items() if key in (RATE, BATCH)}, name
        assert way_told(told.action) in (0, told.moves.get(RATE)), name
        assert ("--epochs" in told.command.words) is (told.moves.get(LENGTH) == 1), name


def moved_by(told: Advised, recipe: Recipe | None) -> dict[str, int]:
    """From the command alone: the rate against the recipe's, of what momentum makes of it; schedules lower it."""
    found = {}
    words = told.command.words
    for option, value in pairwise(words):
        if option == "--batch-size" and recipe is not None:
            found[BATCH] = 1 if int(value) > recipe.batch_size else -1
        if option == "--trick" and "learning_rate=" in value and recipe is not None:
            was, now = effective(recipe.own_optimizer), effective(read_trick(value))
            found |= {RATE: 1 if now > was else -1} if abs(now / was - 1) > 0.1 else {}
        if option == "--trick" and value == "Cosine()":
            found[RATE] = -1
    return found


def effective(one) -> float:
    """Momentum multiplies the rate of plain descent."""
    adaptive = hasattr(one, "second_moment")
    return one.learning_rate if adaptive else one.learning_rate / (1 - getattr(one, "momentum", 0.0))


def test_no_two_planted_remedies_are_given_that_contradict_each_other():
    ranked: list[Advice] = []
    for name, (make, _) in PLANTED.items():
        told = RULES[name].judge(make())
        assert isinstance(told, Advised)
        ranked.append(make_advice(RULES[name], told, 0.5))
    kept, left_out = part_contradictions(ranked)
    require_one_way(kept)
    assert len(kept) + len(left_out) == len(ranked)
    assert "learning_rate_shape" in left_out
    assert left_out["learning_rate_shape"] == (
        "would move the learning rate the other way than diverged_loss, which is worth more"
    )


def require_one_way(given: tuple[Advice, ...]) -> None:
    for one in given:
        for other in given:
            assert not opposed(all_moves(one), all_moves(other)), (one.action, other.action)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_trainings_of_any_rate_and_step_are_told_one_direction(seed: int, schedule: str):
    random = np.random.default_rng(seed)
    for _ in range(12):
        rate, ratio = 10 ** random.uniform(-7, 0.3), 10 ** random.uniform(-7, 0)
        dead, fall = random.uniform(), random.uniform(-6, 1)
        base = simulate(rate, seed=int(random.integers(2**31)), schedule=schedule, total=600)
        seen = tuple(
            sample(int(part * 599), update_ratios=dict.fromkeys(LAYERS, ratio), gradient_norm=10 ** (fall * part),
                   dead={"relu": float(dead * part)}) for part in np.linspace(0, 1, 12)
        )  # fmt: skip
        drawn = replace(base, samples=seen, scores={"validation": score(random.uniform(0.05, 1))})
        found = advise(drawn)[0]
        ways = {way_told(one.fix) for one in found}
        assert not {-1, 1} <= ways, [one.fix for one in found]
        assert [one.evidence.get(REMEDY) for one in found] == [MOVED[way_told(one.fix)] for one in found]
        for make in (healthy, not_fitting, short_of_target):
            require_one_way(counsel(make(curves=drawn)).advice)


def test_every_remedy_that_begins_with_the_rate_says_so_where_a_program_reads_it():
    """Of all sources: as many such remedies as fields, in each file."""
    for name in ("diverged", "loss_shape", "gradient_norm", "update_size", "unit_activity", "answer_jitter",
                 "validation_plateau", "loss_width"):  # fmt: skip
        text = __import__(f"assay.advice.{name}", fromlist=["x"]).__loader__.get_source(f"assay.advice.{name}") or ""
        told = [way_told(fix) for fix in re.findall(r'"((?:Raise|Lower|Halve)\b[^"]*rate[^"]*)"', text)]
        for way, field in ((-1, "LOWER_RATE"), (1, "RAISE_RATE")):
            used = len(re.findall(rf"^(?!from).*\b{field}\b", text, flags=re.MULTILINE))
            # One remedy of `diverged` is that of two findings.
            assert used == told.count(way) * (2 if name == "diverged" else 1), (name, field)


def test_the_words_of_a_remedy_are_not_what_tells_its_direction():
    """A rate that is to be "doubled" contradicts one that is to be lowered, and another batch size does not."""
    doubled = Finding("one", "note", "Straight.", {**RAISE_RATE}, "Low.", "Double the rate.")
    slower = Finding("two", "note", "Wide.", {"n": 3, **LOWER_RATE}, "High.", "Let the rate sink.")
    batch = Finding(
        "three", "note", "Noisy.", {REMEDY: {BATCH: "down"}}, "Small.", "Lower the batch size: the rate stays."
    )
    kept = without_contradictions([doubled, slower, batch])
    assert (kept[0], kept[2]) == (doubled, batch)
    assert (kept[1].fix, kept[1].cause, kept[1].evidence) == ("", "", {"n": 3})
    assert kept[1].summary == (
        "Wide. Its own remedy is left out: `one` asks for the opposite change of the learning rate."
    )


def test_averaging_is_not_told_as_a_lower_rate(monkeypatch: pytest.MonkeyPatch):
    """Where the recipe takes no other schedule, the command averages weights and moves no rate."""
    monkeypatch.setattr(restless_answers, "takes", lambda m, trick: trick != "Cosine()")
    told = restless_answers.judge(PLANTED["restless_answers"][0]())
    assert isinstance(told, Advised)
    assert "EMA()" in told.command.words
    assert told.moves == {}
    assert told.action == "Average the weights (`EMA`)."


MOVED = {0: None, 1: RAISE_RATE[REMEDY], -1: LOWER_RATE[REMEDY]}


def way_told(fix: str) -> int:
    """Which way the words of a remedy move the rate: +1, -1, or 0 where it does not begin with a change of it."""
    change = fix.split(":")[0].split(";")[0]
    if "rate" not in change:
        return 0
    return 1 if change.startswith("Raise") else -1 if change.startswith(("Lower", "Halve")) else 0


def test_what_is_left_out_is_told():
    run: Measurements = not_fitting(curves=replace(stood_still(8e-6), dynamics=flipping_answers()))
    found = counsel(run)
    require_one_way(found.advice)
    assert "step_size" in {one.rule for one in found.advice}
    assert set(found.contradicting) == {"rate_decay"}


def flipping_answers() -> np.ndarray:
    """Ten looks at answers that flip between two."""
    answers = np.zeros((10, 12, 2))
    answers[::2, :, 0], answers[1::2, :, 1] = 1.0, 1.0
    return answers
