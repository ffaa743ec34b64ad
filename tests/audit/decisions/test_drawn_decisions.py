"""What a random draw that people went through says: without a gap, and past what nobody could tell."""

from __future__ import annotations

from assay.audit.decisions import decide, fold, read_drawn


def test_the_verdict_of_an_example_is_what_its_reviewers_agree_on() -> None:
    state = fold([
        decide("a", "keep", reviewer="one"), decide("a", "unsure", reviewer="two"),
        decide("b", "keep", reviewer="one"), decide("b", "drop", reviewer="two"),
        decide("c", "unsure", reviewer="one"),
    ])  # fmt: skip
    assert [state.verdict(id) for id in "abcd"] == ["keep", "conflict", "unsure", ""]


def test_a_draw_ends_at_the_first_that_nobody_decided() -> None:
    drawn = read_drawn([(5, "drop"), (2, "keep"), (9, ""), (1, "drop"), (3, "relabel")])
    assert drawn.wrong == {5: True, 2: False}
    assert drawn.decided == 2


def test_what_is_unsure_or_in_conflict_is_passed_over_and_counted() -> None:
    drawn = read_drawn([("a", "unsure"), ("b", "relabel"), ("c", "conflict"), ("d", "keep"), ("e", "unsure")])
    assert drawn.wrong == {"b": True, "d": False}
    assert (drawn.decided, drawn.unsure, drawn.conflicts) == (5, 2, 1)
