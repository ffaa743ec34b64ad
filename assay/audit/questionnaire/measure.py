"""Train the probe on the inputs as they are and on changed copies: the same examples, seeds and steps for all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor

from assay.audit.questionnaire.answer import Answer, Difference, paired_difference
from assay.audit.questionnaire.plan import MOST_ROUNDS, ROUNDS
from assay.audit.questionnaire.question import Question
from assay.data.data import Data
from assay.data.split import Split
from assay.evaluation import Evaluation, evaluate
from assay.randomness import generator_for
from assay.recipe import Recipe
from assay.saying import Say, silent
from assay.training.train import Run, train
from assay.tricks.architecture.global_average_pooling import GlobalAveragePooling

LATE = 1.25
"""Of the time, that is used up for what is begun: without a second round there is no answer at all."""
SURE = 3.3
"""Standard errors."""
Scores = list[np.ndarray]


@dataclass(eq=False)
class Measured:
    """Scores of each validation example, a row a seed, of the inputs as they are and for each question.

    untrained: of networks trained on the inputs as they are, judged on changed copies.
    """

    usual: Scores = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    changed: dict[str, Scores] = field(default_factory=dict)
    untrained: dict[str, Scores] = field(default_factory=dict)

    def answers(self, questions: Sequence[Question]) -> list[Answer]:
        """Of all questions that have two seeds."""
        return [self._answer(question) for question in questions if len(self.changed.get(question.name, ())) > 1]

    def _answer(self, question: Question) -> Answer:
        changed, untrained = self.changed[question.name], self.untrained.get(question.name)
        usual = self.usual[: len(changed)]
        blind: Difference | None = None if untrained is None else paired_difference(usual, untrained)
        means = float(np.mean(usual)), float(np.mean(changed))
        return Answer(question, *means, paired_difference(usual, changed), blind)


def measure(
    data: Data, questions: Sequence[Question], recipe: Recipe, *, seed: int, seconds: float,
    most_rounds: int = MOST_ROUNDS, device: torch.device | str | None = None, say: Say = silent,
) -> Measured:  # fmt: skip
    """Rounds of one training a question, until the time or `most_rounds` are used up.

    Where trainings turn out slower than planned, the last questions are left out, in the first round so that `ROUNDS`
    fit; where they become slower later, in the next rounds as well, and no training is begun that would end later than
    `LATE`. It ends after the first training where that is no better than guessing.
    """
    measured, started, asked, ends = Measured(), time.perf_counter(), len(questions), [0.0]
    for number in range(most_rounds):
        used = time.perf_counter() - started
        if number >= ROUNDS and used + used / number > seconds:
            break
        if number:
            more = max(1, ROUNDS - number)
            asked = max(1, min(asked, int((seconds - used) / (more * _recent(ends))) - 1))
            if used + 2 * _recent(ends) > LATE * seconds:
                break
        say(f"round {number + 1}: the inputs as they are", _share(used, seconds))
        run = train(recipe, data, seed=seed + number, device=device, evaluations=1, monitored=False)
        measured.usual.append(run.validation.example_scores.numpy())
        measured.evaluations.append(run.validation)
        ends.append(time.perf_counter() - started)
        if number == 0 and not learns(run.validation, data):
            break
        for place in range(len(questions)):
            used = time.perf_counter() - started
            if number == 0:
                # The mean of all so far, as the first one does much for the first time.
                asked = max(1, min(len(questions), affordable(used / (place + 1), seconds)))
            if place >= asked or (number and used + _recent(ends) > LATE * seconds):
                break
            say(f"round {number + 1}: {questions[place].label}", _share(used, seconds))
            _ask(measured, questions[place], data, recipe, run, device)
            ends.append(time.perf_counter() - started)
        asked = min(asked, len(measured.changed))
    return measured


def _recent(ends: Sequence[float]) -> float:
    """Seconds of a training, by the last three: the machine may have become slower."""
    return (ends[-1] - ends[max(0, len(ends) - 4)]) / min(3, len(ends) - 1)


def affordable(training_seconds: float, seconds: float) -> int:
    """Questions that have time in `ROUNDS` rounds of them and of the inputs as they are."""
    return int(seconds / (ROUNDS * training_seconds)) - 1


def _share(used: float, seconds: float) -> float:
    return min(1.0, used / seconds) if seconds > 0 else 1.0


def learns(evaluation: Evaluation, data: Data) -> bool:
    """Whether the probe is better than guessing, by more than chance gives in one of a thousand data sets."""
    scores = evaluation.example_scores
    return evaluation.value - SURE * float(scores.std()) / len(scores) ** 0.5 > guessing(data)


def guessing(data: Data) -> float:
    """The metric on the validation split without a look at the inputs: the commonest class, or the mean."""
    if data.specification.task == "regression":
        return 0.0
    commonest = torch.bincount(data.train.targets).argmax()
    return float((data.validation.targets == commonest).double().mean())


def _ask(
    measured: Measured, question: Question, data: Data, recipe: Recipe, usual: Run, device: torch.device | str | None
) -> None:
    """One training for one question, with the seed of the training on the inputs as they are."""
    seed, name, unchanged = usual.seed, question.name, data
    if question.way == "pooled":
        recipe = recipe | GlobalAveragePooling()
    else:
        copies = _changed(data.train, question, seed), _changed(data.validation, question, seed)
        data = replace(data, train=copies[0], validation=copies[1])
    if question.way == "also":
        blind = evaluate(usual.model, copies[1], data.specification)
        measured.untrained.setdefault(name, []).append(blind.example_scores.numpy())
        # Twice the examples in half the epochs: as many steps.
        data, recipe = replace(data, train=_joined(unchanged.train, copies[0])), recipe.change(epochs=recipe.epochs / 2)
    run = train(recipe, data, seed=seed, device=device, evaluations=1, monitored=False)
    scores = run.validation.example_scores
    if question.way == "also":
        scores = (scores + evaluate(run.model, unchanged.validation, data.specification).example_scores) / 2
    measured.changed.setdefault(name, []).append(scores.numpy())


def _changed(split: Split, question: Question, seed: int) -> Split:
    # The same for both splits: what is one choice for all examples must be one.
    generator = generator_for(seed, "questionnaire", question.name)
    assert question.change is not None
    return replace(split, inputs=question.change(cast(Tensor, split.inputs), generator))


def _joined(split: Split, copies: Split) -> Split:
    inputs = torch.cat([cast(Tensor, split.inputs), cast(Tensor, copies.inputs)])
    return Split(inputs, torch.cat([split.targets, copies.targets]), split.ids + copies.ids)
