"""The state of a review: the fold of its lines, the last word of each reviewer on each example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assay.audit.decisions.decision import Decision


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


def _differ(decisions: tuple[Decision, ...]) -> bool:
    return len({(decision.action, str(decision.label)) for decision in decisions}) > 1
