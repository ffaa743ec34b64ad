"""The tree of the practical methodology, as the path that a run's own numbers take.

    is the pipeline right -> is the target reached beyond doubt (done) -> do the steps lead down -> are the labels sound
    -> training score at the target?  no: longer, then a larger network (a search of the rate first, where nothing
       was learned), then the data's quality
    -> validation score at the target?  no, with a gap: more data, then less freedom; without: a larger validation split
    -> done

The target is a person's score, or the one that is given; without one the larger part of the error decides. Labels are
asked before the network is made larger, where neighbours can be asked: the book comes to them after.

Source: Goodfellow et al. 2016, sections 11.2 and 11.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assay.advice.judgement import Advised, Fine, Judgement, NotMeasured, Tried
from assay.advice.measurements import Measurements
from assay.advice.rules.capacity import is_underfit
from assay.advice.rules.more_data import has_gap
from assay.training.sample import SplitScore

STEPS = ("diverged_loss", "learning_rate_shape", "step_size", "gradient_at_rest")
FAULTS = (
    ("Is the pipeline right?", ("pipeline_fault", "tiny_fit", "input_scale")),
    ("Do the steps lead down?", STEPS),
    ("Are the labels sound?", ("label_noise",)),
)
QUESTIONS = (*(question for question, _ in FAULTS), "Is the training score good enough?",
             "Is the validation score good enough?")  # fmt: skip
DONE = "The target is reached: ship it, or set a higher target."


@dataclass(frozen=True)
class Branch:
    """One question of the tree. answer: yes, no or unknown. measure: of an unknown one, the command that tells it."""

    question: str
    measured: str
    answer: str
    measure: str = ""


@dataclass(frozen=True)
class TreePath:
    """The branches that were taken. leads_to: the rule at the end, or ""; conclusion: in words."""

    branches: tuple[Branch, ...]
    leads_to: str
    conclusion: str


def walk(m: Measurements, told: Mapping[str, Judgement]) -> TreePath:
    """From the root to where the numbers lead."""
    taken: list[Branch] = []
    for question, names in FAULTS:
        fault = next((name for name in names if isinstance(told[name], Advised)), None)
        tried = next((name for name in names if isinstance(told[name], Tried)), None)
        answer = answer_of(told, names)
        measure = measure_of(told, names) if answer == "unknown" else ""
        if names == STEPS and answer == "yes" and m.is_at_chance and m.training is not None:
            taken.append(Branch(question, f"{say(told, names[0])} {tell_chance(m, m.training)}", "unknown"))
            continue
        taken.append(Branch(question, say(told, fault or tried or names[0]), answer, measure))
        if fault is not None:
            return TreePath(tuple(taken), fault, action_of(told, fault))
        score = m.validation or m.shipped
        if len(taken) == 1 and m.target is not None and score is not None and score.low >= m.target:
            branch = Branch(f"Is the validation score {at_target(m)}, beyond doubt?", tell(score), "yes")
            return TreePath((*taken, branch), "", DONE)
    for ask in (ask_training, ask_validation):
        branch, leads_to, conclusion = ask(m, told)
        taken.append(branch)
        if conclusion:
            return TreePath(tuple(taken), leads_to, conclusion)
    return TreePath(tuple(taken), "", DONE)


def ask_training(m: Measurements, told: Mapping[str, Judgement]) -> tuple[Branch, str, str]:
    """The first question of the book's two."""
    underfit, question = is_underfit(m), f"Is the training score {at_target(m)}?"
    if underfit is None or m.training is None:
        unknown = Branch(question, "not measured", "unknown", measure_of(told, ("capacity",)))
        return unknown, "", "Measure the score on training examples first."
    order = ("training_length", "dropout", "capacity", "searched_rate")
    if not underfit:
        return Branch(question, tell(m.training), "yes"), "", ""
    branch = Branch(question, f"{tell(m.training)}{tell_tried(told, order)}", "no")
    name = next((one for one in order if isinstance(told[one], Advised)), "")
    left = "A larger network, or a better search of its settings; if none fits, look at the data's quality."
    return branch, name, action_of(told, name) if name else left


def ask_validation(m: Measurements, told: Mapping[str, Judgement]) -> tuple[Branch, str, str]:
    """The second."""
    score, question = m.validation or m.shipped, f"Is the validation score {at_target(m)}?"
    if score is None:
        unknown = Branch(question, "not measured", "unknown", measure_of(told, ("more_data",)))
        return unknown, "", "Measure the score on validation first."
    gap = "" if m.gap is None else f"; gap {m.gap[0]:+.4f} [{m.gap[1]:+.4f}, {m.gap[2]:+.4f}]"
    measured = tell(score) + gap
    if m.target is not None and score.value >= m.target:
        return Branch(question, measured, "yes"), "", ""
    if has_gap(m):
        order = ("learning_curve", "more_data", "regularisation")
        name = next((one for one in order if isinstance(told[one], Advised)), "")
        measured += tell_tried(told, order)
        return Branch(question, measured, "no"), name, action_of(told, name) if name else "Measure more tricks."
    if m.target is None:
        told_so = "No gap is beyond doubt, and no target is given: nothing says that more is to be had. Give --target."
        return Branch(question, measured, "unknown"), "", told_so
    name = "validation_size" if isinstance(told["validation_size"], Advised) else ""
    words = (
        action_of(told, name)
        if name
        else "Neither training nor the gap is at fault beyond doubt: judge on more examples."
    )
    return Branch(question, measured, "no"), name, words


def at_target(m: Measurements) -> str:
    """The target in words."""
    if m.target is None:
        return "good enough (no target: the larger part of the error decides)"
    return f"at the target of {m.target:.4g} ({m.target_from})"


def tell(score: SplitScore) -> str:
    """With interval and n."""
    return f"{score.metric} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}] (n = {score.n})"


def tell_chance(m: Measurements, score: SplitScore) -> str:
    """Why nothing is decided where answers may be no better than a constant one."""
    return f"But {tell(score)} on training examples may be what a constant answer reaches, {m.chance:.4g}: not decided."


def answer_of(told: Mapping[str, Judgement], names: tuple[str, ...]) -> str:
    """No, if any rule advises or did; yes, if any measured; else unknown."""
    found = [told[name] for name in names]
    if any(isinstance(one, Advised | Tried) for one in found):
        return "no"
    return "yes" if any(isinstance(one, Fine) for one in found) else "unknown"


def say(told: Mapping[str, Judgement], name: str) -> str:
    """What was measured, and what was done about it."""
    one = told[name]
    if isinstance(one, Tried):
        return f"{one.measured} Tried: {one.came}."
    return f"not measured: {one.missing}" if isinstance(one, NotMeasured) else one.measured


def tell_tried(told: Mapping[str, Judgement], names: tuple[str, ...]) -> str:
    """Of several remedies, those that were followed, with what came of them; begins with a semicolon."""
    tried = [one.came for name in names if isinstance(one := told[name], Tried)]
    return f"; tried: {'; '.join(tried)}" if tried else ""


def measure_of(told: Mapping[str, Judgement], names: tuple[str, ...]) -> str:
    """The first command that measures what one of these rules lacks."""
    lacking = (one for name in names if isinstance(one := told[name], NotMeasured))
    return next((str(one.measure) for one in lacking if one.measure is not None), "")


def action_of(told: Mapping[str, Judgement], name: str) -> str:
    """What a rule advises."""
    one = told[name]
    return one.action if isinstance(one, Advised) else ""
