"""No two pieces of advice move one setting in opposite directions, and each says truly what its command moves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from measured import LAYERS, STEPS, healthy, not_fitting, samples, short_of_target
from simulated import SCHEDULES, sample, score, simulate
from test_advising_rules import PLANTED, RULES

from assay.advice.advise import advise
from assay.advice.catalog import RULES as OF_CURVES
from assay.advice.contradiction import all_moves, opposed, part_contradictions, without_contradictions
from assay.advice.counsel import Advice, counsel, make_advice
from assay.advice.curves import Curves
from assay.advice.judgement import (
    BATCH,
    LARGER_BATCH,
    LENGTH,
    LOWER_RATE,
    RAISE_RATE,
    RATE,
    REMEDY,
    Advised,
    Fine,
    Way,
    moves_of,
)
from assay.advice.measurements import Measurements
from assay.advice.rules import gradient_at_rest, rate_decay, restless_answers, step_size, wide_loss
from assay.advice.telling import find_advice
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
    assert [fix for fix in fixes if told_in(fix)] == ["Raise the learning rate tenfold."]


def test_each_rule_says_truly_which_way_its_command_moves():
    for name, (make, _) in PLANTED.items():
        run = make()
        told = RULES[name].judge(run)
        assert isinstance(told, Advised)
        moves = moves_of(told.evidence)
        assert moved_by(told, run.recipe) == {key: way for key, way in moves.items() if key in (RATE, BATCH)}, name
        assert told_in(told.action).items() <= moves.items(), name
        assert ("--epochs" in told.command.words) is (moves.get(LENGTH) == "up"), name


def moved_by(told: Advised, recipe: Recipe | None) -> dict[str, Way]:
    """From the command alone: the rate against the recipe's, of what momentum makes of it; schedules lower it."""
    found: dict[str, Way] = {}
    words = told.command.words
    for option, value in pairwise(words):
        if option == "--batch-size" and recipe is not None:
            found[BATCH] = "up" if int(value) > recipe.batch_size else "down"
        if option == "--trick" and "learning_rate=" in value and recipe is not None:
            was, now = effective(recipe.own_optimizer), effective(read_trick(value))
            found |= {RATE: "up" if now > was else "down"} if abs(now / was - 1) > 0.1 else {}
        if option == "--trick" and value == "Cosine()":
            found[RATE] = "down"
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
        ways = {told_in(one.fix).get(RATE) for one in found}
        assert not {"down", "up"} <= ways, [one.fix for one in found]
        assert [moves_of(one.evidence) for one in found] == [told_in(one.fix) for one in found]
        for make in (healthy, not_fitting, short_of_target):
            require_one_way(counsel(make(curves=drawn)).advice)


def test_what_a_finding_says_that_its_remedy_moves_is_what_its_words_say():
    """Of every rule of the curves; all remedies that begin with the rate or the batch size are asked for by some."""
    told = {(found.id, way) for found in found_in(planted_curves()) for way in told_in(found.fix).items()}
    assert told == {
        ("loss_finite", (RATE, "down")),
        ("loss_shape", (RATE, "down")),
        ("loss_shape", (RATE, "up")),
        ("update_size", (RATE, "down")),
        ("update_size", (RATE, "up")),
        ("loss_width", (RATE, "down")),
        ("loss_width", (BATCH, "up")),
        ("validation_plateau", (RATE, "down")),
        ("gradient_norm", (RATE, "down")),
        ("unit_activity", (RATE, "down")),
        ("answer_jitter", (RATE, "down")),
    }
    for found in found_in(planted_curves()):
        assert moves_of(found.evidence) == told_in(found.fix), found.fix


def planted_curves() -> list[Curves]:
    """Of planted runs; a loss that rose, one that stood until its rate fell, long and short steps, single examples."""
    base = simulate(0.5, seed=1)
    planted = [run.curves for make, _ in PLANTED.values() if (run := make()).curves is not None]
    wide = PLANTED["wide_loss"][0]().curves
    assert wide is not None
    return [
        *planted,
        replace(base, losses=base.losses[::-1].copy()),
        simulate(1.7, seed=1, schedule="steps", gradient_noise=1.0),
        *(replace(base, samples=samples(ratio=ratio)) for ratio in (0.9, 1e-6)),
        replace(wide, samples=()),
    ]


def found_in(drawn: list[Curves]) -> list[Finding]:
    """By every rule alone, so that none leaves its remedy to another."""
    told = [rule(curves) for curves in drawn for rule in OF_CURVES]
    return [one for one in told if isinstance(one, Finding)]


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
    assert told.action == "Average the weights (`EMA`)."
    assert told.evidence["late"] > 0
    assert REMEDY not in told.evidence
    assert REMEDY not in find_advice(make_advice(restless_answers.RULE, told, 0.5), 1).evidence


def test_a_rule_heeds_which_way_a_remedy_moves_and_not_only_that_it_moves_something(monkeypatch: pytest.MonkeyPatch):
    """A remedy that raises the rate, or moves another setting, was taken for one that lowers the rate."""
    run = PLANTED["rate_decay"][0]()
    assert isinstance(rate_decay.judge(run), Advised)
    monkeypatch.setattr(rate_decay.validation_plateau, "judge", lambda curves: finding(**RAISE_RATE))
    assert isinstance(rate_decay.judge(run), Fine)
    monkeypatch.setattr(wide_loss.loss_width, "judge", lambda curves: finding(**LARGER_BATCH))
    told = wide_loss.judge(PLANTED["wide_loss"][0]())
    assert isinstance(told, Advised)
    assert moved_by(told, PLANTED["wide_loss"][0]().recipe) == moves_of(told.evidence) == {BATCH: "up"}


def test_a_wide_loss_whose_rate_no_trick_sets_is_searched_and_not_given_a_larger_batch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wide_loss, "at_rate", lambda recipe, factor: None)
    told = wide_loss.judge(PLANTED["wide_loss"][0]())
    assert isinstance(told, Advised)
    assert told.action.startswith("Halve the learning rate")
    assert told.command.words[1] == "tune"
    assert told.expected.quantity == "known"


def finding(**evidence: object) -> Finding:
    return Finding("planted", "note", "Planted.", evidence, "A cause.", "A fix.")


def told_in(fix: str) -> dict[str, Way]:
    """Which setting the words of a remedy move, where it begins with a change of one."""
    change = fix.split(":")[0].split(";")[0].split(",")[0]
    setting = BATCH if "batch size" in change else RATE if "rate" in change else None
    if setting is None or not change.startswith(("Raise", "Double", "Lower", "Halve")):
        return {}
    return {setting: "up" if change.startswith(("Raise", "Double")) else "down"}


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
