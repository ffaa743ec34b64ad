"""What is reviewed, in which order, and what is said of the votes."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
from page_support import judged, make_pictures, make_workspace
from starlette.testclient import TestClient

from assay.finding import Finding, Report
from assay.ui.app import make_app
from assay.ui.example_rows import list_examples
from assay.ui.subject import Subject
from assay.ui.suspects import Suspects, say_odds, say_votes


def test_flagged_labels_come_first_and_the_most_suspicious_of_them() -> None:
    data = make_pictures(12)
    table = judged(data, 4).with_columns(score=pl.Series([1.0, 4.0, 3.0, 2.0, *range(-8, 0)]))
    queues = Suspects(Subject(data, table)).queues
    assert list(queues) == ["flagged", "all"]
    assert queues["flagged"][1].tolist() == [1, 2, 3, 0]
    assert len(queues["all"][1]) == 12


def test_a_random_sample_is_gone_through_in_the_order_it_was_drawn() -> None:
    data = make_pictures(12)
    drawn = [None] * 9 + [2, 3, 1]
    table = judged(data, 4).with_columns(sample=pl.Series(drawn, dtype=pl.Int64))
    assert Suspects(Subject(data, table)).queues["sample"][1].tolist() == [11, 9, 10]


def test_votes_are_said_in_words() -> None:
    cells = {"label": "dog", "answer": "cat", "votes": 3, "votes_for_label": 1, "score": 2.0}
    assert say_votes(cells, 4) == "3 of 4 models say cat; 1 says dog, the label it has."
    cells |= {"votes": 2, "votes_for_label": 0}
    assert say_votes(cells, 4) == "2 of 4 models say cat, 2 say something else; none says dog, the label it has."
    cells |= {"answer": "dog", "votes": 4, "votes_for_label": 4}
    assert say_votes(cells, 4) == "4 of 4 models say dog, the label it has."
    assert say_votes({"score": 2.0}, 4).startswith("Its score is 2.00; above 0")


def test_without_models_it_is_labels_that_differ_in_groups_then_what_findings_name() -> None:
    data = make_pictures(12)
    groups = [None, None, 5, 5, 7, None, None, 7, None, None, None, None]
    table = list_examples(data).with_columns(duplicate_group=pl.Series(groups, dtype=pl.Int64))
    report = Report("inspect", (
        Finding("dark_images", "note", "", evidence={"ids": ["picture-9", "picture-2"]}),
        Finding("examples", "note", "", evidence={"ids": ["picture-1"]}),
    ))  # fmt: skip
    suspects = Suspects(Subject(data, table, report))
    assert suspects.queues["audit"][1].tolist() == [2, 3, 9], "rows 4 and 7 are of one class"
    assert suspects.reasons[9] == "Dark images"
    assert suspects.fellows(2) == [3]


def test_the_label_of_most_equals_is_proposed_and_none_where_it_is_even() -> None:
    data = make_pictures(12)
    groups = [1, None, None, 1, 1 + 1, 2, None, None, None, 1, 1, None]
    table = list_examples(data).with_columns(duplicate_group=pl.Series(groups, dtype=pl.Int64))
    suspects = Suspects(Subject(data, table))
    assert suspects.proposal(10) == "cat", "picture-10 is a dog among three cats"
    assert suspects.proposal(0) is None
    assert suspects.proposal(4) is None


def test_typical_examples_of_a_class_are_those_nobody_doubts() -> None:
    data = make_pictures(12)
    assert Suspects(Subject(data, judged(data, 4))).typical("cat") == [9, 6, 3, 0]


def test_the_score_is_told_as_odds() -> None:
    cells = {"label": "dog", "answer": "cat", "score": math.log(20.0)}
    assert say_odds(cells) == "All together hold cat for 20 times as likely as dog"
    assert say_odds(cells | {"score": 1.0}) == "All together hold cat for 2.7 times as likely as dog"
    assert say_odds(cells | {"score": 13.8}) == "All together hold cat for more than 100,000 times as likely as dog"
    kept = {"label": "dog", "answer": "dog", "score": -math.log(4.0)}
    assert say_odds(kept) == "All together hold dog for 4.0 times as likely as the likeliest other class"


def test_a_card_tells_how_sure_each_model_is_against_the_label_and_from_which_score_labels_are_flagged(
    tmp_path: Path,
) -> None:
    data = make_pictures(12)
    table = judged(data, 4).with_columns(score=pl.Series([1.0, 4.0, 3.0, 2.0, *map(float, range(-8, 0))]))
    text = TestClient(make_app(make_workspace(tmp_path, data, table)), base_url="http://localhost").get("/review").text
    assert text.count('style="width: 98.0%"') == 1, "of a model that gives the label 0.02"
    assert "score 4.00; labels are flagged from 1.00 on" in text
    mixed = table.with_columns(flagged=pl.Series([True, False, *[True] * 2, *[False] * 8]))
    assert Suspects(Subject(data, mixed)).cut is None, "what is flagged is not told by the score alone"
