import pytest

from assay.checks.explanation import MAGNITUDES, OUTCOMES, explain
from assay.finding import Finding

UNUSUAL = Finding("dead_units", "note", "half of the units are dead", {"share": 0.5}, cause="a large negative bias")
USUAL = Finding("update_ratio", "note", "updates are 1e-3 of the weights")
FAILED = Finding("overfit_one_batch", "suspect", "cannot learn 16 examples", cause="unknown")


def test_magnitudes_alone_stay_notes():
    passed = Finding("overfit_one_batch", "note", "learned")
    assert explain([UNUSUAL, USUAL, passed]) == (UNUSUAL, USUAL, passed)


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_a_failed_experiment_makes_suspects_of_unusual_magnitudes_only(outcome):
    failed = Finding(outcome, "suspect", "failed", cause="unknown")
    suspected, usual, same = explain([UNUSUAL, USUAL, failed])
    assert (suspected.id, suspected.level) == ("dead_units", "suspect")
    assert suspected.evidence == {"share": 0.5, "explains": [outcome]}
    assert (usual, same) == (USUAL, failed)


def test_what_is_proved_stays_proved_and_other_notes_stay_notes():
    proved = Finding("input_scale", "proved", "inputs are identical", cause="a wrong column")
    other = Finding("class_balance", "note", "few of one class", cause="rare")
    assert explain([proved, other, FAILED]) == (proved, other, FAILED)
    assert not MAGNITUDES & OUTCOMES


def test_no_magnitude_is_raised_beside_inputs_that_are_not_finite():
    broken = Finding("inputs_finite", "proved", "all inputs are NaN")
    failed = Finding("overfit_one_batch", "suspect", "learns nothing")
    dead = Finding("dead_units", "note", "64 of 64 units are 0", cause="they never fire")
    assert [finding.level for finding in explain([broken, failed, dead])] == ["proved", "suspect", "note"]
    assert [finding.level for finding in explain([failed, dead])] == ["suspect", "suspect"]
