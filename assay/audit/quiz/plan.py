"""The questions of a quiz: held-out examples at random, some of them shown a second time.

Whoever shows them shows the input alone: no label, no id (the path of a file often holds its class), no hint that
an example comes again, and no word whether an answer was right before all are given.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from assay.data.data import Data
from assay.errors import InputError
from assay.randomness import generator_for

USUAL_QUESTIONS, USUAL_REPEATED = 100, 10
USUAL_GAP = 20
"""Other examples between the two times an example is shown, so that the first answer is not just remembered."""
HELD_OUT = ("validation", "test")


@dataclass(frozen=True)
class Question:
    """One example to be called by its class.

    number: its place in the plan, from 0.
    position: its row in the split, so that `getattr(data, split).gather(torch.tensor([position]))` is its input.
    is_repeat: whether it was shown before; not to be told to the person.
    """

    number: int
    split: str
    position: int
    id: str
    is_repeat: bool


@dataclass(frozen=True)
class Plan:
    """All questions in their order; the same data and arguments give the same ones."""

    questions: tuple[Question, ...]
    split: str
    seed: int

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def examples(self) -> tuple[Question, ...]:
        """Each example once, where it is first shown."""
        return tuple(question for question in self.questions if not question.is_repeat)


def draw_plan(
    data: Data,
    *,
    questions: int = USUAL_QUESTIONS,
    repeated: int = USUAL_REPEATED,
    seed: int = 0,
    split: str = "validation",
) -> Plan:
    """Draw examples at random, each class as often as it comes; without replacement.

    Two people who are to be compared get the same plan: the same data, `questions`, `repeated`, `seed` and `split`.

    Args:
        questions: different examples; all of a split that has fewer.
        repeated: how many of them are shown a second time, after at least 20 others, or half of a draw of less than
            40; at most half.
        split: `validation`; `test` only where the model's own look at it is over.
    Raises:
        InputError: the data has no classes, the split is not held out or holds no example, or a number is too small.
    """
    _check(data, questions, repeated, split)
    held_out = getattr(data, split)
    n = min(questions, len(held_out))
    order = torch.randperm(len(held_out), generator=generator_for(seed, "quiz examples"))[:n].tolist()
    shown = [(order[index], again) for index, again in _with_repeats(n, min(repeated, n // 2), seed)]
    return Plan(
        tuple(Question(number, split, position, held_out.ids[position], again)
              for number, (position, again) in enumerate(shown)),
        split, seed,
    )  # fmt: skip


def others_between(plan: Plan) -> list[int]:
    """Of each example shown again: how many different others came between."""
    first = {question.position: question.number for question in plan.examples}
    return [
        len({one.position for one in plan.questions[first[question.position] + 1 : question.number]})
        for question in plan.questions
        if question.is_repeat
    ]


def _with_repeats(n: int, repeated: int, seed: int) -> list[tuple[int, bool]]:
    """0..n-1 in order, `repeated` of them once more, each with at least 20 others, or n // 2, in between."""
    generator = generator_for(seed, "quiz repeats")
    gap = min(USUAL_GAP, n // 2)
    chosen = torch.randperm(n - gap, generator=generator)[:repeated].tolist()
    follow = dict[int, list[int]]()
    for first in chosen:
        after = int(torch.randint(first + gap, n, (), generator=generator))
        follow.setdefault(after, []).append(first)
    return [
        pair for index in range(n) for pair in ((index, False), *((first, True) for first in follow.get(index, ())))
    ]


def _check(data: Data, questions: int, repeated: int, split: str) -> None:
    if data.specification.task != "classification":
        raise InputError(
            f"a human baseline needs classes to choose from, got {data.name}, whose target is a number; "
            "make classes of it, such as low and high"
        )
    if split not in HELD_OUT:
        raise InputError(f"split must be one of {', '.join(HELD_OUT)}, got {split!r}; train is not held out")
    if questions < 1 or repeated < 0:
        raise InputError(
            f"questions must be at least 1 (usual {USUAL_QUESTIONS}) and repeated at least 0 (usual {USUAL_REPEATED}), "
            f"got {questions} and {repeated}"
        )
    if len(getattr(data, split)) == 0:
        raise InputError(f"split {split!r} of {data.name} holds no example; take the other, or give it some")
