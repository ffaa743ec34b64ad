"""`assay human`: answers by lines and by keys, going on, undo, two people, and what cannot be asked."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Assay, Told

from assay.audit.quiz import draw_plan, read_answers, standing_answers
from assay.cli.keys import typed as typed_by
from assay.data.open import open_data

FILE = Path("assay-runs/human-flowers.jsonl")
Typed = Callable[..., Told]


@pytest.fixture
def flowers() -> Path:
    """60 rows whose first column tells the class."""
    lines = [
        f"{i % 3 + 0.1 * (i % 5):.2f},{('wild', 'tame')[i % 2]},{('iris', 'rose', 'lily')[i % 3]}" for i in range(60)
    ]
    path = Path("flowers.csv")
    path.write_text("\n".join(["petal width,garden,kind", *lines]) + "\n")
    return path


@pytest.fixture
def typed(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Run `assay human` with these lines as standard input."""

    def run(lines: str, *arguments: object) -> Told:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines.replace(" ", "\n") + "\n" if lines else ""))
        return assay("human", *arguments)

    return run


def right_answers(path: Path, *, questions: int, repeated: int) -> str:
    data = open_data(path, target="kind")
    plan = draw_plan(data, questions=questions, repeated=repeated)
    targets = data.validation.targets.tolist()
    return " ".join(data.specification.classes[targets[question.position]] for question in plan.questions)


def test_a_table_is_asked_about_by_column_and_told_with_interval(typed: Typed, flowers: Path) -> None:
    given = right_answers(flowers, questions=8, repeated=2)
    told = typed(given, flowers, "--target", "kind", "--questions", 8, "--repeated", 2, "--person", "anna")
    assert told.code == 0, told.err
    assert "Question 10 of 10" in told.err
    assert "petal width" in told.err
    assert "0 iris   1 lily   2 rose" in told.err
    text = " ".join(told.out.split())
    assert "Right on 8 held-out examples: anna 100.0% (67.6%–100.0%)" in text
    assert "nearest neighbours" in text
    assert "Of 2 examples shown again 2 got the same answer" in text
    assert [one.action for one in read_answers(FILE).answers] == ["answer"] * 10 + ["shown"]


def test_one_stops_goes_on_and_takes_back(typed: Typed, flowers: Path) -> None:
    asked = (flowers, "--target", "kind", "--questions", 4, "--repeated", 0, "--person", "anna")
    told = typed("0 1 z nonsense 2 u q", *asked)
    assert (told.code, told.out) == (0, "")
    assert "'nonsense' is no answer; type 0 to 2, U, Z or Q" in told.err
    assert "3 of 4 questions are answered; the same command goes on." in told.err
    plan = draw_plan(open_data(flowers, target="kind"), questions=4, repeated=0)
    standing = standing_answers(plan, read_answers(FILE).answers)["anna"]
    assert [standing[number].label for number in range(3)] == ["iris", "rose", None]
    told = typed("0", *asked)
    assert "Question 4 of 4" in told.err
    assert "Question 3 of 4" not in told.err
    assert "Right on 3 held-out examples" in " ".join(told.out.split())


def test_nothing_to_take_back_asks_again(typed: Typed, flowers: Path) -> None:
    told = typed("z", flowers, "--target", "kind", "--questions", 2)
    assert told.err.count("Question 1 of 2") == 2
    assert not Path(FILE).exists()


def test_also_the_last_answer_can_be_taken_back(typed: Typed, flowers: Path) -> None:
    told = typed("0 1 z 2 result", flowers, "--target", "kind", "--questions", 2)
    assert told.code == 0
    assert told.err.count("That was the last question. Z takes its answer back") == 2
    assert [answer.label for answer in read_answers(FILE).answers] == ["iris", "lily", None, "rose", None]
    assert "2 held-out examples" in " ".join(told.out.split())
    # Nothing is left to ask: the result comes at once.
    assert "last question" not in typed("", flowers, "--target", "kind", "--questions", 2).err


def test_after_the_result_nothing_from_before_is_taken_back(typed: Typed, flowers: Path) -> None:
    asked = (flowers, "--target", "kind", "--questions", 3, "--repeated", 0, "--person", "anna")
    typed("0 1 q", *asked)
    assert "2 held-out examples" in " ".join(typed("", *asked, "--result").out.split())
    told = typed("z 2 z 1 result", *asked)
    assert told.err.count("what you answered before you saw the result stays") == 1, "of one's own after it all can be"
    actions = [answer.action for answer in read_answers(FILE).answers]
    assert actions == ["answer", "answer", "shown", "answer", "undo", "answer", "shown"]
    assert "Answers given by those who had seen the result: 1 of anna" in " ".join(told.out.split())


def test_a_second_person_and_the_result_alone(typed: Typed, flowers: Path, tmp_path: Path) -> None:
    asked = (flowers, "--target", "kind", "--questions", 8, "--repeated", 0, "--answers", "both.jsonl")
    given = right_answers(flowers, questions=8, repeated=0)
    typed(given, *asked, "--person", "anna")
    typed(given, *asked, "--person", "ben")
    told = typed("", *asked, "--result", "--json", "--page", "page.html")
    findings = {finding["id"]: finding for finding in json.loads(told.out)["findings"]}
    assert "Cohen's kappa is 1.000" in findings["annotator_agreement"]["summary"]
    assert "Question" not in told.err
    assert "Human baseline" in Path("page.html").read_text()


def test_answers_to_other_questions_are_not_mixed(typed: Typed, flowers: Path) -> None:
    typed("0 q", flowers, "--target", "kind", "--questions", 4)
    told = typed("0 q", flowers, "--target", "kind", "--questions", 4, "--seed", 1)
    assert told.code == 2
    assert "human-flowers.jsonl: 1 of 1 answers are to other questions, such as line 1 to question 1" in told.err
    assert "give the same --seed" in told.err


def test_what_cannot_be_asked_is_one_line(typed: Typed, flowers: Path, table: Path) -> None:
    for arguments, reason in (
        (("digits",), "pictures cannot be shown here, without a terminal of many colours; `assay ui SOURCE` asks"),
        ((table, "--target", "price"), "a human baseline needs classes to choose from"),
        ((flowers, "--target", "kind", "--split", "train"), "split must be one of validation, test, got 'train'"),
        ((flowers, "--target", "kind", "--result"), "human-flowers.jsonl: no such file of answers"),
        ((flowers, "--target", "kind", "--result", "--answers", "."), "answers cannot be read"),
    ):
        told = typed("0", *arguments)
        assert (told.code, told.out) == (2, "")
        assert len(told.lines) == 1
        assert reason in told.err


def test_a_model_that_is_none_is_refused_before_the_first_question(typed: Typed, flowers: Path) -> None:
    told = typed("0", flowers, "--target", "kind", "--model", "nowhere")
    assert told.code == 2
    assert told.err.strip().endswith("nowhere: no model there; a finished run leaves model.safetensors in its folder")
    assert "Question" not in told.err


def test_single_keys_in_a_terminal_which_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    with open(follower) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with typed_by(single_keys=True) as read:
            assert read.by_key
            # A digit, an arrow, a digit held too long, the end of the input.
            for pressed, key in ((b"7", "7"), (b"\x1b[A", ""), (b"333", "3"), (b"\x04", None)):
                os.write(leader, pressed)
                assert read() == key
        assert termios.tcgetattr(follower) == before
    os.close(leader)


def test_a_text_is_asked_about_by_its_words_and_not_by_numbers(typed: Typed) -> None:
    path = Path("texts.csv")
    rows = [f"the film number {n} [bold]was[/bold] rather long,{('neg', 'pos')[n % 2]}" for n in range(60)]
    path.write_text("\n".join(["text,label", *rows]) + "\n")
    told = typed("0 q", path, "--target", "label", "--questions", 4)
    assert "[bold]was[/bold] rather long" in told.err
    assert "digest" not in told.err
    assert "(words)" not in told.err
    assert "Every example comes once" in told.err
    assert (
        "Every example comes once" not in typed("q", path, "--target", "label", "--repeated", 2, "--answers", "b").err
    )
