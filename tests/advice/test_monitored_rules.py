"""Rules that read what the monitors saw: gradient norm, size of steps, units, answers."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import SCHEDULES, sample, score, simulate

from assay.advice import answer_jitter, gradient_norm, unit_activity, update_size
from assay.advice.curves import Curves
from assay.finding import Finding, Skipped
from assay.monitors.magnitudes import BINS


def monitored(curves: Curves, **tracks) -> Curves:
    """Twenty samples over the training; a track is a function of the progress."""
    samples = tuple(
        sample(int(progress * curves.total_steps), **{name: track(progress) for name, track in tracks.items()})
        for progress in np.linspace(0.05, 0.999, 20)
    )
    return replace(curves, samples=samples)


def told(found: Finding | Skipped) -> Finding:
    assert isinstance(found, Finding)
    assert found.level == "note"
    assert found.source
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("norm", [lambda p: 1.0, lambda p: 1.0 + p, lambda p: 10.0 ** (-4 * p)])
def test_the_gradient_of_a_loss_that_falls_may_do_what_it_likes(seed: int, schedule: str, norm):
    found = told(gradient_norm.judge(monitored(simulate(0.05, seed=seed, schedule=schedule), gradient_norm=norm)))
    assert "x " in found.summary
    if schedule != "constant":
        assert not found.fix


def test_a_loss_that_stands_still_at_a_large_gradient_asks_for_a_lower_rate(seed: int):
    curves = monitored(simulate(1.5, seed=seed, gradient_noise=0.5), gradient_norm=lambda p: 1.0)
    assert "Lower the learning rate from here on" in told(gradient_norm.judge(curves)).fix


def test_a_gradient_that_vanished_before_anything_was_learned_is_named(seed: int):
    curves = monitored(simulate(1e-7, seed=seed), gradient_norm=lambda p: 10.0 ** (-8 * p))
    found = told(gradient_norm.judge(curves))
    assert "vanished" in found.cause
    assert "histograms" in found.fix


@pytest.mark.parametrize(("ratio", "fix"), [(0.7, "Lower"), (1e-6, "Raise"), (1e-3, ""), (1e-2, ""), (0.1, "")])
def test_the_size_of_a_step_is_held_against_both_sources(seed: int, ratio: float, fix: str):
    curves = monitored(simulate(0.1, seed=seed), update_ratios=lambda p: {"a": ratio, "b": ratio / 2, "c": ratio * 2})
    found = told(update_size.judge(curves))
    assert found.fix.startswith(fix)
    assert bool(found.fix) == bool(fix)
    assert "The book asks for about 1e-2, CS231n for 1e-3" in found.summary
    assert found.evidence["median"] == pytest.approx(ratio)
    assert [series.name for series in found.figures[0].series][-2:] == ["book: 1e-2", "CS231n: 1e-3"]


def test_steps_count_while_the_rate_is_high(seed: int):
    curves = simulate(0.1, seed=seed, schedule="cosine")
    curves = monitored(curves, update_ratios=lambda p: {"a": 1e-2 if p < 0.5 else 1e-7})
    assert not told(update_size.judge(curves)).fix


def test_units_that_training_killed_and_units_that_were_born_dead(seed: int):
    curves = simulate(0.1, seed=seed)
    killed = told(unit_activity.judge(monitored(curves, dead=lambda p: {"1 relu": float(0.9 * p), "3 relu": 0.0})))
    born = told(unit_activity.judge(monitored(curves, dead=lambda p: {"1 relu": 0.6})))
    assert "Lower the learning rate" in killed.fix
    assert "`1 relu`; 5% at first" in killed.summary
    assert "first weights" in born.fix
    assert "512 sampled examples" in born.summary


def test_a_few_dead_units_are_usual(seed: int):
    found = told(unit_activity.judge(monitored(simulate(0.1, seed=seed), dead=lambda p: {"1 relu": float(0.2 * p)})))
    assert not found.fix
    assert not told(unit_activity.judge(monitored(simulate(0.1, seed=seed), dead=lambda p: {"1 relu": 0.0}))).fix


def test_saturated_values_are_named(seed: int):
    found = told(unit_activity.judge(monitored(simulate(0.1, seed=seed), saturated=lambda p: {"tanh": float(p)})))
    assert "Lower the learning rate" in found.fix
    assert "at the ends of their range (`tanh`" in found.summary


def test_histograms_are_drawn_of_the_last_sample(seed: int):
    shares = [0.0] * BINS
    shares[20] = 1.0
    curves = monitored(simulate(0.1, seed=seed), activations=lambda p: {"0": shares}, gradients=lambda p: {"w": shares})
    found = told(unit_activity.judge(curves))
    assert "no activation that dies or saturates" in found.summary
    assert [figure.title.split(" by")[0] for figure in found.figures] == ["Activations", "Gradients of weights"]


@pytest.mark.parametrize("rule", [gradient_norm, update_size, unit_activity])
def test_without_samples_nothing_is_said(seed: int, rule):
    found = rule.judge(simulate(0.1, seed=seed))
    assert isinstance(found, Skipped)
    assert "too few points: 0" in found.reason


def answers(probabilities: np.ndarray, schedule: str = "constant", metric: str = "accuracy") -> Curves:
    """12 examples of two classes; the probability of the first, look by look."""
    curves = simulate(0.1, seed=0, schedule=schedule)
    tracks = np.repeat(probabilities[:, None], 12, 1)
    dynamics = np.stack([tracks, 1 - tracks], -1) if metric == "accuracy" else tracks[..., None]
    return replace(curves, dynamics=dynamics, scores={"validation": score(0.8)}, metric=metric)


TO_AND_FRO = 0.5 + 0.3 * (-1.0) ** np.arange(10)


def test_answers_that_go_to_and_fro_at_a_kept_rate_ask_for_a_lower_one():
    found = told(answer_jitter.judge(answers(TO_AND_FRO)))
    assert "Lower the learning rate towards the end" in found.fix
    assert found.evidence["late"] == pytest.approx(0.6)


@pytest.mark.parametrize("curves", [
    answers(np.linspace(0.1, 0.9, 10)),
    answers(0.5 + 0.005 * (-1.0) ** np.arange(10)),
    answers(TO_AND_FRO, schedule="cosine"),
    answers(10 * TO_AND_FRO, metric="r2"),
], ids=["progress", "within the score's interval", "the rate was lowered", "regression"])  # fmt: skip
def test_other_moves_are_told_and_no_more(curves: Curves):
    assert not told(answer_jitter.judge(curves)).fix


def test_few_looks_say_nothing():
    assert isinstance(answer_jitter.judge(answers(TO_AND_FRO[:4])), Skipped)
