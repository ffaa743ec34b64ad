"""The path that numbers take through the tree, and the order of what is advised."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import curves, finding, healthy, not_fitting, nothing, restless, short_of_target, with_finding
from simulated import score
from test_advising_rules import exploded, still_falling

from assay.advice.counsel import LEADS, chance_of, counsel
from assay.advice.judgement import CUSTOM, DIRECT, LIKELY, Prior


@pytest.mark.parametrize(("run", "leads_to"), [
    (lambda: with_finding("verify.gradient_check", finding("gradient_check", level="proved")), "pipeline_fault"),
    (exploded, "diverged_loss"),
    (lambda: short_of_target(neighbours=(500, 100)), "label_noise"),
    (lambda: not_fitting(neighbours=(500, 100)), "label_noise"),
    (still_falling, "training_length"),
    (not_fitting, "capacity"),
    (lambda: short_of_target(findings={}), "more_data"),
    (short_of_target, "regularisation"),
    (lambda: healthy(target=0.965), "validation_size"),
    (healthy, ""),
    (lambda: healthy(target=None, training=score(0.97)), ""),
    (nothing, ""),
])  # fmt: skip
def test_where_the_numbers_lead(run, leads_to: str):
    found = counsel(run())
    assert found.path.leads_to == leads_to
    assert found.path.conclusion
    if leads_to:
        assert found.advice[0].rule == leads_to


def test_the_path_shows_the_numbers_of_each_branch():
    path = counsel(not_fitting()).path
    assert [one.answer for one in path.branches] == ["yes", "yes", "yes", "no"]
    assert "at the target of 0.93 (given)" in path.branches[-1].question
    assert path.branches[-1].measured == "accuracy 0.6000 [0.5800, 0.6200] (n = 1000)"


def test_what_was_not_measured_is_said_and_does_not_end_the_path_early():
    path = counsel(replace(not_fitting(), findings={}, neighbours=None)).path
    assert [one.answer for one in path.branches] == ["unknown", "yes", "unknown", "no"]
    assert "not measured" in path.branches[0].measured


def test_advice_is_ordered_by_what_is_at_stake_times_its_chance():
    found = counsel(not_fitting(neighbours=(500, 100)))
    assert [one.worth for one in found.advice] == sorted((one.worth for one in found.advice), reverse=True)
    first = found.advice[0]
    assert first.worth == pytest.approx(first.at_stake * first.chance)


def test_failures_of_the_past_lower_a_rule_below_another():
    run = not_fitting(neighbours=(500, 100))
    assert counsel(run).advice[0].rule == "label_noise"
    ranks = [one.rule for one in counsel(run, {"label_noise": (0, 20)}).advice]
    assert ranks.index("label_noise") > 0


def test_the_chance_is_the_mean_of_the_posterior():
    assert chance_of(Prior(2, 2), (0, 0)) == 0.5
    assert chance_of(Prior(2, 2), (3, 1)) == 5 / 8
    assert chance_of(Prior(1, 3), (0, 0), led=True) == (1 + LEADS) / (4 + LEADS)
    assert chance_of(Prior(1, 3), (0, 0), led=False) == 1 / (4 + LEADS)
    assert chance_of(DIRECT, (0, 0)) > chance_of(LIKELY, (0, 0)) > chance_of(CUSTOM, (0, 0))


@given(st.integers(0, 50), st.integers(0, 50))
def test_success_raises_and_failure_lowers_the_chance(right: int, wrong: int):
    here = chance_of(LIKELY, (right, wrong))
    assert chance_of(LIKELY, (right + 1, wrong)) > here > chance_of(LIKELY, (right, wrong + 1))


def test_two_rules_that_ask_for_the_same_command_are_one_advice():
    found = counsel(not_fitting(findings={}, curves=restless())).advice
    asked = [str(one.command).split(" --out ")[0] for one in found]
    assert len(asked) == len(set(asked)) > 1


def test_a_loss_that_shot_up_in_a_network_that_does_not_fit_was_begun_too_fast():
    base = curves()
    losses = base.losses.copy()
    losses[3:12] = 40.0
    shot = replace(base, losses=losses)
    assert counsel(not_fitting(curves=shot)).path.leads_to == "diverged_loss"
    assert counsel(healthy(target=0.99, curves=shot)).path.leads_to != "diverged_loss"


def test_a_target_that_is_reached_beyond_doubt_ends_the_path_before_anything_is_found_wrong_with_steps_or_labels():
    path = counsel(healthy(target=0.9, neighbours=(500, 100))).path
    assert path.conclusion.startswith("The target is reached")
    assert [one.answer for one in path.branches] == ["yes", "yes"]
