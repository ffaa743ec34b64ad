"""The verdict in sentences, from the story's numbers alone."""

from dataclasses import replace

from assay.finding import Finding, Report
from assay.report.facts import facts
from assay.report.headline import headline
from assay.report.score_strip import trick_strip
from assay.report.story import Baseline, DataSummary, RunStory, Score, StageStory, TrickRow
from assay.report.trick_verdicts import verdict_text


def test_headline_tells_score_interval_n_reads_and_best_baseline(story: RunStory):
    assert headline(story) == (
        "99.2 % [97.6, 99.7] on 360 held-out digits, read once; best baseline: nearest neighbours 98.6 %"
    )


def test_headline_before_the_test_split_is_read_says_so(story: RunStory):
    assert "on 288 validation digits, the test split not read yet" in headline(replace(story, test=None))
    assert headline(replace(story, test=None, validation=None, baselines=())) == "no model scored yet"


def test_facts_name_the_worst_finding_the_tricks_that_paid_and_the_time(story: RunStory):
    told = {fact.topic: fact.sentence for fact in facts(story)}
    assert told["Data"].endswith("3 training examples stand again in the test split.")
    assert {fact.topic: fact.level for fact in facts(story)}["Data"] == "proved"
    assert told["Tricks"].startswith("3 of 8 tricks paid (one cycle +0.87, crop +0.64, ema +0.39 points); 1 hurt")
    assert told["Tricks"].endswith("4 had no measurable effect.")
    assert told["Time"] == "The run took 1 min 58 s of its 2 min budget on 2 CPU cores (x86_64)."


def inspected(*findings: Finding) -> StageStory:
    return StageStory("inspect", "Inspect", "What is in it?", "done", 1.0, Report("inspect", findings))


def test_clean_data_are_told_by_what_was_learned(story: RunStory):
    balance = Finding("class_balance", "note", "b", {"ratio": 1.054})
    copies = Finding("duplicates", "note", "d", {"copies": {"train": 0, "test": 0}})
    told = {fact.topic: fact.sentence for fact in facts(replace(story, stages=(inspected(balance, copies),)))}
    assert told["Data"] == ("Nothing wrong was found in 1,797 digits: 10 classes, balanced within 5 %; no duplicates.")
    skewed = replace(balance, evidence={"ratio": 7.25})
    some = replace(copies, evidence={"copies": {"train": 3, "test": 1}})
    told = {fact.topic: fact.sentence for fact in facts(replace(story, stages=(inspected(skewed, some),)))}
    assert told["Data"].endswith("10 classes, the largest 7.25 times the smallest; 4 duplicates.")


def test_clean_numbers_to_predict_are_told_by_their_range(story: RunStory):
    numbers = replace(story, data=DataSummary("regression", (6,)), stages=(
        inspected(Finding("targets", "note", "t", {"low": -12.5, "high": 8.25})),
    ))  # fmt: skip
    told = {fact.topic: fact.sentence for fact in facts(numbers)}
    assert told["Data"] == "Nothing wrong was found in the data: targets from \N{MINUS SIGN}12.5 to 8.25."


def test_a_stage_alone_is_headed_by_what_it_found(unfinished: RunStory):
    assert headline(unfinished) == "1 proved and 1 suspected problems"
    clean = replace(unfinished, stages=(inspected(Finding("counts", "note", "all is there")),))
    assert headline(clean) == "Nothing proved wrong, nothing suspected"
    tuned = replace(inspected(Finding("rate", "note", "0.1 is best")), name="tune")
    assert headline(replace(unfinished, stages=(tuned,))) == "0.1 is best"
    best = (Baseline("nearest_neighbours", 0.9, 0.8, 0.95, 50),)
    measured = replace(unfinished, stages=(replace(tuned, name="baselines"),), baselines=best)
    assert headline(measured) == "Best baseline: nearest neighbours 90.0 %"


def test_an_alarm_of_a_later_stage_is_told(story: RunStory):
    report = Report("overfit", (Finding("capacity", "suspect", "No size fits its own training data"),))
    stages = tuple(replace(stage, report=report) if stage.name == "overfit" else stage for stage in story.stages)
    fact = next(fact for fact in facts(replace(story, stages=stages)) if fact.stage == "overfit")
    assert fact == ("Overfit", "No size fits its own training data.", "overfit", "suspect")


def test_a_headline_of_r2_names_it(story: RunStory):
    told = replace(story, data=DataSummary("regression", (6,)), test=Score("r2", 0.911, 0.858, 0.947, 60, 1))
    assert headline(told).startswith("R² 0.911 [0.858, 0.947] on 60 held-out examples, read once")


def test_no_trick_that_paid_is_said_in_words(story: RunStory):
    unclear = tuple(replace(row, verdict="no measurable effect") for row in story.tricks)
    told = {fact.topic: fact.sentence for fact in facts(replace(story, tricks=unclear))}
    assert told["Tricks"] == "None of 8 tricks had a measurable effect."


def test_a_margin_inside_the_noise_is_not_sold_as_a_gain(story: RunStory):
    assert "may be chance" in facts(story)[0].sentence
    apart = replace(story, baselines=(Baseline("majority_class", 0.1, 0.07, 0.14, 288),))
    assert facts(apart)[0].sentence.endswith("their intervals do not meet.")
    worse = replace(story, validation=Score("accuracy", 0.95, 0.93, 0.97, 288))
    assert facts(worse)[0].sentence == (
        "The model does not beat the best baseline, nearest neighbours: it is 3.60 points below it on validation."
    )
    equal = replace(story, validation=Score("accuracy", story.best_baseline.value, 0.9, 1.0, 288))
    assert facts(equal)[0].sentence.endswith("both reach the same on validation.")


def test_a_margin_is_between_scores_on_the_same_split(story: RunStory):
    """Baselines never see the test split, so a test score of luck must not widen the margin."""
    lucky = replace(story, test=Score("accuracy", 1.0, 0.99, 1.0, 360, 1))
    assert facts(lucky)[0].sentence == facts(story)[0].sentence


def test_an_unmeasurable_effect_names_the_smallest_that_would_have_been_seen():
    row = TrickRow("mixup", 0.001, -0.002, 0.004, 5, "no measurable effect", False, 1.1, detectable=0.0045)
    assert (
        verdict_text(row, "accuracy")
        == "no measurable effect (would have seen \N{GREATER-THAN OR EQUAL TO} 0.45 points)"
    )
    assert verdict_text(replace(row, verdict="helps"), "accuracy") == "helps"
    told = replace(row, verdict="no measurable effect (would have seen more)")
    assert verdict_text(told, "accuracy") == told.verdict


def test_pairs_are_not_counted_among_tricks_and_have_no_row_of_their_own(story: RunStory):
    pair = replace(story.tricks[0], trick="Mixup() and EMA()", verdict="hurts")
    paired = replace(story, tricks=(*story.tricks, pair))
    assert pair.is_pair
    assert not story.tricks[0].is_pair
    assert pair not in paired.best_tricks_first
    assert facts(paired) == facts(story)
    strip = trick_strip(paired)
    assert strip is not None
    assert [told for told, _ in strip.rows] == list(paired.best_tricks_first)
    assert trick_strip(replace(story, tricks=(pair,))) is None


def test_of_a_stage_alone_a_long_summary_is_cut_at_its_first_sentence(story: RunStory):
    summary = "Of 12 effects, 1 helps (Mixup(0.2)). " + "An effect is what it adds. " * 9
    report = Report("ablate", (Finding("trick_effects", "note", summary),), (), 1.0)
    stage = StageStory("ablate", "Regularise", "Which tricks pay?", "done", 1.0, report)
    alone = replace(story, stages=(stage,), test=None, validation=None, baselines=(), tricks=())
    assert headline(alone) == "Of 12 effects, 1 helps (Mixup(0.2))."
