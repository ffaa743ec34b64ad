"""Why two runs differ: what was asked, of which data, by which recipe, with which versions; worst reason first.

Every reason is a function of both runs' details: a finding where they differ, nothing where they do not, and a skip
where one of them did not record it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from assay.data.examples import READING
from assay.finding import Finding, Report, Skipped
from assay.report.wording import count, duration, effect, effect_interval, effect_unit, interval, metric_name
from assay.report.wording import score as score_text
from assay.run_comparison.change import Change, changed, evidence_of, named, table_of
from assay.run_comparison.details import Details
from assay.run_comparison.difference import Difference, score_difference
from assay.run_comparison.recipe_changes import recipe_changes
from assay.run_comparison.study_changes import EFFECTS, in_effects, in_question

STAGE, SCORES = "why", "difference_of_scores"
OUTCOMES = SCORES, EFFECTS
"""What is to be explained; all else may be why."""
ASKED_OF_DATA = (*READING, "decisions")
"""Of a request: what decides which examples and labels there are."""
NUMERICS = ("numerics", "torch", "device")
"""Other weights come of the same recipe, data and seed where one of these differs."""
ROUNDING = ("processor", "threads", "cores", "numpy", "python", "optuna", "assay")

Reason = Callable[[Details, Details], Finding | Skipped | None]


def why(first: Details, second: Details) -> Report:
    """How far the scores are apart, and everything recorded that may be why."""
    told = [reason(first, second) for reason in REASONS]
    findings = [one for one in told if isinstance(one, Finding)]
    skipped = [one for one in told if isinstance(one, Skipped)]
    if not any(finding.id.startswith("differs") for finding in findings):
        findings.append(_nothing(skipped))
    return Report(STAGE, tuple(findings), tuple(skipped))


def tell_scores(first: Details, second: Details) -> Finding | Skipped:
    """The difference of two scores with its interval, and whether it is noise."""
    split = "test" if first.run.test and second.run.test else "validation"
    one, other = (getattr(details.run, split) for details in (first, second))
    if one is None or other is None:
        return Skipped(SCORES, "there is no score of one split in both")
    if one.metric != other.metric:
        return Skipped(SCORES, f"one is {metric_name(one.metric)}, the other {metric_name(other.metric)}")
    if not all(math.isfinite(limit) for score in (one, other) for limit in (score.low, score.high)):
        return Skipped(SCORES, "one of the scores has no interval, so nobody knows what luck with the examples does")
    examples = [details.examples if details.run.split == split else {} for details in (first, second)]
    found = score_difference(one, other, (examples[0], examples[1]))
    metric, unit = one.metric, effect_unit(one.metric)
    values = " against ".join(
        f"{score_text(metric, s.value)} {interval(metric, s.low, s.high)} (n = {s.n:,})" for s in (one, other)
    )
    return Finding(
        SCORES, "note",
        f"{split.capitalize()} {metric_name(metric)} {values}: {effect(metric, found.value)} "
        f"{effect_interval(metric, found.low, found.high)} {unit} (95 %, {_paired(found)}), {_verdict(found)}.",
        evidence={"split": split, "metric": metric, "difference": found.value, "low": found.low, "high": found.high,
                  "paired": found.paired, "n": found.n, "noise": found.is_noise},
        cause="The interval is of luck with the examples; each side is one run, and another seed alone moves it too.",
        source="Newcombe 1998, Statistics in Medicine 17; Zou and Donner 2008",
    )  # fmt: skip


def _paired(found: Difference) -> str:
    return f"paired on the same {found.n:,} examples" if found.paired else "unpaired"


def _verdict(found: Difference) -> str:
    if found.is_noise:
        return "inside the noise"
    return f"the {'second' if found.value > 0 else 'first'} is better beyond the luck of the examples"


def in_data(first: Details, second: Details) -> Finding | Skipped | None:
    """Other examples, labels or splits: then scores say little of the training."""
    one, other = first.run.source, second.run.source
    if one != other and not (first.data and first.data == second.data):
        summary = f"The data differ: {one} against {other}."
    elif not first.data or not second.data:
        return _not_recorded("differs_in_data", first, second, lambda details: details.data)
    elif first.data == second.data:
        return None
    else:
        summary = f"The data differ though both are {one}: {_why_other_examples(first, second)}."
    return Finding(
        "differs_in_data", "suspect", summary, {"sources": [one, other], "fingerprints": [first.data, second.data]},
        cause="Scores on other examples say little of which training was better.",
        fix="Ask both of the same data: the same source, options and seed.",
    )  # fmt: skip


def _why_other_examples(first: Details, second: Details) -> str:
    asked = changed(first.run.request, second.run.request, ASKED_OF_DATA)
    if asked:
        return "they were read with " + ", ".join(
            f"--{change.place.replace(' ', '-')} {change.first} against {change.second}" for change in asked
        )
    if first.run.seed != second.run.seed:
        return "another seed draws other splits, where the source has none of its own"
    return "the source was changed between the two"


def in_recipe(first: Details, second: Details) -> Finding | Skipped | None:
    """Slot by slot, trick by trick, setting by setting."""
    if not first.recipe or not second.recipe:
        return _not_recorded("differs_in_recipe", first, second, lambda details: details.recipe)
    changes = recipe_changes(first.recipe, second.recipe)
    if not changes:
        return None
    return Finding(
        "differs_in_recipe", "note", f"The recipes differ in {count(len(changes), 'place')}: {named(changes)}.",
        evidence_of(changes), cause="It is the first place to look for a difference of scores on the same data.",
        fix="`assay ablate SOURCE --tricks ...` measures what one of them is worth, over several seeds.",
        figures=(table_of("Recipes", changes),),
    )  # fmt: skip


def in_length(first: Details, second: Details) -> Finding | None:
    """Epochs of the recipe, where they are not what was asked differently, budget and seconds."""
    same_question = first.asked.get("epochs") == second.asked.get("epochs")
    lengths = {"epochs": (first.epochs if same_question else None, second.epochs, "{:.4g}".format),
               "budget": (first.run.budget, second.run.budget, duration)}  # fmt: skip
    changes = [Change(name, tell(one), tell(other)) for name, (one, other, tell) in lengths.items()
               if one and other and one != other]  # fmt: skip
    if not changes:
        return None
    same_time = first.run.budget is not None and first.run.budget == second.run.budget
    cause = ("In the same time one machine, or a quieter one, makes more steps than another." if same_time
             else "Longer trainings mostly score higher, up to a point.")  # fmt: skip
    seconds = " and ".join(duration(details.run.seconds) for details in (first, second))
    told = f"They were trained for other lengths: {named(changes)}; they took {seconds}."
    return Finding("differs_in_length", "note", told, evidence_of(changes), cause=cause)


def in_versions(first: Details, second: Details) -> Finding | Skipped | None:
    """Of what other weights come of."""
    if not first.environment or not second.environment:
        return _not_recorded("differs_in_versions", first, second, lambda details: details.environment)
    changes = changed(first.environment, second.environment, NUMERICS)
    if not changes:
        return None
    return Finding(
        "differs_in_versions", "note", f"They were computed differently: {named(changes)}.", evidence_of(changes),
        cause="The same recipe, data and seed give other weights then, as another seed does.",
    )  # fmt: skip


def in_seed(first: Details, second: Details) -> Finding | None:
    """Luck."""
    one, other = first.run.seed, second.run.seed
    if one == other or None in (one, other):
        return None
    return Finding(
        "differs_in_seed", "note", f"The seeds differ: {one} against {other}.", {"seeds": [one, other]},
        cause="First weights, order and noise are drawn anew: with nothing else changed, scores still move.",
        fix="Train both with several seeds before you believe a small difference; `assay ablate` does.",
    )  # fmt: skip


def in_machine(first: Details, second: Details) -> Finding | None:
    """What moves last digits alone."""
    changes = (
        changed(first.environment, second.environment, ROUNDING) if first.environment and second.environment else []
    )
    if not changes:
        return None
    return Finding(
        "differs_in_machine", "note", f"They ran on other machines or versions: {named(changes)}.",
        evidence_of(changes),
        cause="Sums are rounded in another order; scores move little, if at all.",
    )  # fmt: skip


REASONS: tuple[Reason, ...] = (
    tell_scores, in_effects, in_data, in_question, in_recipe, in_length, in_versions, in_seed, in_machine,
)  # fmt: skip
"""Worst, then likeliest, first."""


def _nothing(skipped: Sequence[Skipped]) -> Finding:
    unknown = " Not everything is recorded, though: see what was skipped." if skipped else ""
    return Finding(
        "nothing_differs", "note", f"Nothing that is recorded differs.{unknown}",
        cause="A run divides its budget by measured speed, so that two of them need not train equally long.",
    )  # fmt: skip


def _not_recorded(id: str, first: Details, second: Details, what: Callable[[Details], object]) -> Skipped:
    missing = " and ".join(details.run.name for details in (first, second) if not what(details))
    return Skipped(id, f"not recorded by {missing}")
