from dataclasses import replace

from assay.report.headline import facts, headline, verdict_text
from assay.report.story import Baseline, RunStory, Score, TrickRow


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
    assert told["Tricks"].startswith("3 of 8 tricks paid (one cycle +0.87, crop +0.64, ema +0.39 points); 1 hurt")
    assert told["Tricks"].endswith("4 had no measurable effect.")
    assert told["Time"] == "The run took 1 min 58 s of its 2 min budget on 2 CPU cores (x86_64)."


def test_a_margin_inside_the_noise_is_not_sold_as_a_gain(story: RunStory):
    assert "may be chance" in facts(story)[0].sentence
    apart = replace(story, baselines=(Baseline("majority_class", 0.1, 0.07, 0.14, 288),))
    assert facts(apart)[0].sentence.endswith("their intervals do not meet.")
    worse = replace(story, test=Score("accuracy", 0.95, 0.93, 0.97, 360, 1))
    assert facts(worse)[0].sentence == (
        "The model does not beat the best baseline, nearest neighbours: it is 3.60 points below it."
    )


def test_an_unmeasurable_effect_names_the_smallest_that_would_have_been_seen():
    row = TrickRow("mixup", 0.001, -0.002, 0.004, 5, "no measurable effect", False, 1.1, detectable=0.0045)
    assert (
        verdict_text(row, "accuracy")
        == "no measurable effect (would have seen \N{GREATER-THAN OR EQUAL TO} 0.45 points)"
    )
    assert verdict_text(replace(row, verdict="helps"), "accuracy") == "helps"
    told = replace(row, verdict="no measurable effect (would have seen more)")
    assert verdict_text(told, "accuracy") == told.verdict
