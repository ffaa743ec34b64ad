"""Reports in the terminal: worst first, brackets of users untouched, a story to its verdict."""

import io

from rich.console import Console

from assay.figure import Forest, Interval, Table
from assay.finding import Finding, Report, Skipped
from assay.report import RunStory, render_terminal
from assay.report.terminal import render_summary


def printed(subject: RunStory | Report) -> str:
    console = Console(file=io.StringIO(), width=140)
    render_terminal(subject, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_report_shows_the_worst_first_each_with_its_fix():
    worst = Finding("a", "proved", "all is lost", {"rows": [1, 2]}, "why", "mend it")
    report = Report("verify", (Finding("b", "note", "nothing much"), worst), (Skipped("c", "no scheduler"),), 1.0)
    text = printed(report)
    assert text.index("all is lost") < text.index("nothing much")
    for part in (
        "Fix: mend it",
        "Cause: why",
        "rows: 1, 2",
        "skipped c no scheduler",
        "1 proved, 0 suspect, 1 note, 1 skipped",
    ):
        assert part in " ".join(text.split())


def test_square_brackets_of_users_are_not_taken_for_styles():
    text = printed(Report("inspect", (Finding("a", "note", "class [bold]cats[/bold] [/nope]"),)))
    assert "class [bold]cats[/bold] [/nope]" in text


def test_a_story_ends_with_scores_tricks_and_verdict(story: RunStory):
    text = printed(story)
    assert "99.2 % [97.6, 99.7] on 360 held-out digits, read once" in text
    assert "would have seen \N{GREATER-THAN OR EQUAL TO} 0.62 points" in text
    assert text.index("nearest neighbours") < text.index("model, test") < text.index("random flip")
    assert "model: assay-runs/digits/model.safetensors" in text


def test_an_unfinished_story_prints(unfinished: RunStory):
    assert "1 proved and 1 suspected problems" in printed(unfinished)


def test_a_stage_alone_prints_what_it_measured():
    forest = Forest("Effects", "points", (Interval("Mixup(alpha=0.4)", 1.25, 0.5, 2.0, "helps"),))
    table = Table("Baselines", ("name", "accuracy"), (("nearest [neighbours]", "0.98"),))
    text = printed(Report("ablate", (Finding("a", "note", "measured", figures=(forest, table)),)))
    for part in ("Effects", "+1.25", "[+0.50, +2.00]", "helps", "Baselines", "nearest [neighbours]", "0.98"):
        assert part in text


def test_what_is_as_it_should_be_stands_in_columns():
    notes = (Finding("inputs_finite", "note", "all finite"), Finding("labels_valid", "note", "all valid " * 20))
    asks = Finding("class_balance", "note", "few of one", cause="rare", fix="weigh them")
    printed_lines = printed(Report("verify", (*notes, asks), (Skipped("shuffling", "no order"),))).splitlines()
    lines = [line.rstrip() for line in printed_lines]
    assert lines[1:4] == ["  note  few of one  class_balance", "    Fix: weigh them", "  note"]
    begin = lines[4].index("all finite")
    assert lines[5].index("all valid") == lines[-2].index("no order") == begin
    assert lines[6][:begin].isspace()


def test_a_wide_table_shows_the_columns_that_can_be_read():
    names = tuple(f"input {column}" for column in range(40))
    table = Table("Inputs", names, (tuple(f"{value}.25" for value in range(40)),))
    text = printed(Report("verify", (Finding("a", "note", "seen", figures=(table,)),)))
    assert "Inputs (and 27 columns more)" in text
    assert "12.25" in text
    assert "\N{HORIZONTAL ELLIPSIS}" not in text


def test_a_table_of_one_column_is_whole():
    text = printed(Report("verify", (Finding("a", "note", "seen", figures=(Table("One", ("x",), (("1",),)),)),)))
    assert "One\n" in "\n".join(line.rstrip() for line in text.splitlines())


def test_a_summary_is_a_line_and_the_alarms():
    findings = (Finding("a", "note", "nothing much"), Finding("b", "suspect", "look [here]", fix="mend it"))
    console = Console(file=io.StringIO(), width=140)
    render_summary(Report("inspect", findings, (), 2.0), console)
    lines = console.file.getvalue().splitlines()
    assert lines[0].startswith("inspect   0 proved, 1 suspect, 1 note, 0 skipped")
    assert lines[1].split() == ["suspect", "look", "[here]"]
    assert len(lines) == 2


def test_checks_that_broke_off_are_counted_apart():
    skipped = (Skipped("shuffling", "no order"), Skipped("input_scale", "the check failed with KeyError", failed=True))
    report = Report("verify", (Finding("inputs_finite", "note", "all finite"),), skipped)
    told = " ".join(printed(report).split())
    assert "0 proved, 0 suspect, 1 note, 1 skipped, 1 could not be made" in told
    assert "not made input_scale the check failed with KeyError" in told
    assert "skipped shuffling no order" in told
    assert Report.from_dict(report.to_dict()) == report


def test_effects_that_a_table_tells_whole_are_not_printed_twice():
    forest = Forest("Effects", "points", (Interval("Mixup()", 1.25, 0.5, 2.0, "helps"),))
    table = Table("Every effect", ("trick", "effect", "p"), (("Mixup()", "+1.25", "0.01"),))
    text = printed(Report("ablate", (Finding("a", "note", "measured", figures=(forest, table)),)))
    assert "Every effect" in text
    assert "Effects" not in text


def test_small_effects_have_as_many_digits_as_their_intervals_need():
    """An effect on a loss stood there as `-0.00 [-0.00, +0.00]`."""
    forest = Forest("Effects", "nats", (Interval("Mixup()", -0.0012, -0.0034, 0.001, "no measurable effect"),))
    text = printed(Report("ablate", (Finding("a", "note", "measured", figures=(forest,)),)))
    assert "-0.0012" in text
    assert "[-0.0034, +0.0010]" in text
