"""The state of a review: the fold of its lines, the last word of each reviewer on each example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from assay.audit.decisions.decision import Decision

Key = TypeVar("Key")
JUDGED = ("keep", "relabel", "drop")
"""Verdicts that say whether a label is right."""


@dataclass(frozen=True)
class Conflict:
    """Reviewers whose last words on an example differ; `unsure` contradicts nobody."""

    id: str
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class State:
    """The standing decisions: example, then reviewer, then the last decision that was not taken back."""

    standing: Mapping[str, Mapping[str, Decision]]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        found = [Conflict(id, opinions) for id in self.standing if _differ(opinions := self.opinions(id))]
        return tuple(found)

    @property
    def agreed(self) -> dict[str, tuple[Decision, ...]]:
        """Of each example that is decided without conflict all decisions that say so; of others, their `unsure`."""
        return {id: self.opinions(id) for id in self.standing if not _differ(self.opinions(id))}

    def opinions(self, id: str) -> tuple[Decision, ...]:
        """What its reviewers decided, or that they all are unsure."""
        every = tuple(self.standing[id].values())
        firm = tuple(decision for decision in every if decision.action != "unsure")
        return firm or every

    def verdict(self, id: str) -> str:
        """The action that is agreed on, "conflict" where reviewers differ; "" where nobody decided."""
        opinions = self.opinions(id) if id in self.standing else ()
        return "" if not opinions else "conflict" if _differ(opinions) else opinions[0].action

    def by(self, reviewer: str) -> dict[str, Decision]:
        """One reviewer's own standing decisions."""
        return {id: words[reviewer] for id, words in self.standing.items() if reviewer in words}


def fold(decisions: Iterable[Decision]) -> State:
    """The state after these lines in their order.

    An undo takes back the same reviewer's last standing decision on that example, so two of them take back two;
    where nothing stands it does nothing.
    """
    stacks = dict[str, dict[str, list[Decision]]]()
    for decision in decisions:
        stack = stacks.setdefault(decision.id, {}).setdefault(decision.reviewer, [])
        if decision.action != "undo":
            stack.append(decision)
        elif stack:
            stack.pop()
    standing = {id: {reviewer: stack[-1] for reviewer, stack in words.items() if stack} for id, words in stacks.items()}
    return State({id: words for id, words in standing.items() if words})


@dataclass(frozen=True)
class Drawn(Generic[Key]):
    """What is decided of a random draw, in unbroken order from its first.

    wrong: of each that is judged, whether its label was found wrong. Those that stay unsure or in conflict are counted.
    """

    wrong: Mapping[Key, bool]
    unsure: int = 0
    conflicts: int = 0

    @property
    def decided(self) -> int:
        return len(self.wrong) + self.unsure + self.conflicts


def read_drawn(verdicts: Iterable[tuple[Key, str]]) -> Drawn[Key]:
    """Of a random draw in its order, up to the first that nobody decided: whoever stops early picks nothing.

    What was decided after that may have been picked for being suspicious, and would flatter a share.
    """
    reached = list(takewhile(lambda one: one[1], verdicts))
    counts = Counter(verdict for _, verdict in reached)
    wrong = {key: verdict != "keep" for key, verdict in reached if verdict in JUDGED}
    return Drawn(wrong, counts["unsure"], counts["conflict"])


def _differ(decisions: tuple[Decision, ...]) -> bool:
    return len({(decision.action, str(decision.label)) for decision in decisions}) > 1
