import math

import pytest

from assay.report import wording


def test_scores_are_per_cent_for_accuracy_and_plain_for_r2():
    assert wording.score("accuracy", 0.9917) == "99.2 %"
    assert wording.score("r2", -0.25) == "\N{MINUS SIGN}0.250"
    assert wording.interval("accuracy", 0.976, 0.9972) == "[97.6, 99.7]"
    assert wording.interval("r2", -0.185, -0.0004) == "[\N{MINUS SIGN}0.185, 0.000]"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_not_known_is_a_dash_and_never_a_number(value: float | None):
    assert wording.score("accuracy", value) == "\N{EN DASH}"
    assert wording.interval("accuracy", value, 0.9) == "[not known]"


def test_effects_carry_their_sign_and_nothing_has_none():
    assert wording.effect("accuracy", 0.0042) == "+0.42"
    assert wording.effect("accuracy", -0.0132) == "\N{MINUS SIGN}1.32"
    assert wording.effect("accuracy", -0.00001) == "0.00"
    assert wording.effect("r2", 0.0124) == "+0.012"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"), (0.04, "< 0.1 s"), (0.06, "0.1 s"), (9.94, "9.9 s"),
        (9.96, "10 s"), (59.6, "1 min"), (117.6, "1 min 58 s"), (3600, "1 h"),
        (7384, "2 h 3 min"),
    ],
)  # fmt: skip
def test_durations_round_without_ever_showing_sixty_seconds(seconds: float, text: str):
    assert wording.duration(seconds) == text


def test_numbers_of_evidence():
    assert [wording.number(v) for v in (True, 12, 19_850, 2.0, 0.0083333, 1e-7, "a")] == [
        "yes", "12", "19,850", "2", "0.008333", "1e-07", "a",
    ]  # fmt: skip


def test_counts_agree_with_their_nouns():
    assert wording.count(1, "class", "classes") == "1 class"
    assert wording.count(1797, "example") == "1,797 examples"
