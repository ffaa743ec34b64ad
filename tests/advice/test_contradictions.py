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
from assay.advice.contradiction import all_moves, direction_of, opposed, part_contradictions
from assay.advice.counsel import Advice, counsel, make_advice
from assay.advice.curves import Curves
from assay.advice.judgement import BATCH, LENGTH, RATE, Advised, Fine
from assay.advice.measurements import Measurements
from assay.advice.rules import gradient_at_rest, step_size
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
    assert [fix for fix in fixes if direction_of(fix)] == ["Raise the learning rate tenfold."]


def test_each_rule_says_truly_which_way_its_command_moves():
    for name, (make, _) in PLANTED.items():
        run = make()
        told = RULES[name].judge(run)
        assert isinstance(told, Advised)
        assert moved_by(told, run.recipe) == {key: way for key, way in told.moves.items() if key in (RATE, BATCH)}, name
        assert direction_of(told.action) in (0, told.moves.get(RATE)), name
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
        ways = {direction_of(one.fix) for one in advise(drawn)[0]}
        assert not {-1, 1} <= ways, [one.fix for one in advise(drawn)[0]]
        for make in (healthy, not_fitting, short_of_target):
            require_one_way(counsel(make(curves=drawn)).advice)


def test_every_remedy_that_speaks_of_the_rate_is_known_for_its_direction():
    """A text that began otherwise would be missed."""
    for name in ("diverged", "loss_shape", "gradient_norm", "update_size", "unit_activity", "answer_jitter",
                 "validation_plateau", "loss_width"):  # fmt: skip
        text = __import__(f"assay.advice.{name}", fromlist=["x"]).__loader__.get_source(f"assay.advice.{name}") or ""
        for fix in re.findall(r'"((?:Raise|Lower|Halve|Increase|Decrease|Reduce)\b[^"]*rate[^"]*)"', text):
            assert direction_of(fix), fix


def test_what_is_left_out_is_told():
    run: Measurements = not_fitting(curves=replace(stood_still(8e-6), dynamics=restless_answers()))
    found = counsel(run)
    require_one_way(found.advice)
    assert "step_size" in {one.rule for one in found.advice}
    assert set(found.contradicting) == {"rate_decay"}


def restless_answers() -> np.ndarray:
    """Ten looks at answers that flip between two."""
    answers = np.zeros((10, 12, 2))
    answers[::2, :, 0], answers[1::2, :, 1] = 1.0, 1.0
    return answers
