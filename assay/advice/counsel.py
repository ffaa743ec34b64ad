"""All rules asked of one run: the path through the tree, what to do next by expected worth, and what is not known.

    worth = at stake * chance        chance = (good + right) / (good + bad + right + wrong)

at stake is what the score can gain at most; (good, bad) is the rule's prior, and the tree's word counts as `LEADS` more
cases, good ones for the rule it leads to and bad ones for all others: what comes after a fault on the path is not to be
trusted before it is mended; right and wrong are how often its advice did what it said in this project. Advice that
fails sinks.

The form of the chance is that of a Beta posterior's mean; the numbers in it, `LEADS` and the priors of
`assay.advice.judgement`, and the part of an error that a rule puts at stake, are our guesses and were measured nowhere.

Source, of the form alone: Laplace 1774 (rule of succession).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.advice.command import Command
from assay.advice.contradiction import part_contradictions
from assay.advice.decision_tree import TreePath, walk
from assay.advice.judgement import Advised, Expected, Fine, Judgement, NotMeasured, Prior, Rule, Tried
from assay.advice.measurements import Measurements
from assay.advice.rule_catalog import ADVISING

LEADS = 4.0
"""Our guess, from no source."""


@dataclass(frozen=True)
class Advice:
    """One thing to do next. chance: that it does what is expected; worth: of the score, on average."""

    rule: str
    ids: tuple[str, ...]
    measured: str
    cause: str
    action: str
    command: Command
    expected: Expected
    at_stake: float
    chance: float
    source: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worth(self) -> float:
        return self.at_stake * self.chance


@dataclass(frozen=True, eq=False)
class Counsel:
    """fine, lacking: by the rule's name, what was measured and asks for nothing, and what was not measured.

    contradicting: rules that advise the opposite of what is worth more, and of what.
    """

    measurements: Measurements
    path: TreePath
    advice: tuple[Advice, ...]
    fine: Mapping[str, Fine]
    lacking: Mapping[str, NotMeasured]
    contradicting: Mapping[str, str] = field(default_factory=dict)


def counsel(
    m: Measurements,
    record: Mapping[str, tuple[int, int]] | None = None,
    came_of: Callable[[Advice], str] = lambda one: "",
) -> Counsel:
    """Ask every rule.

    Args:
        record: of each rule, how often its advice did and did not do what was expected.
        came_of: what came of this very advice where it was followed already; empty where it was not. What was followed
            is not given again, and the path goes on past it.
    """
    told: dict[str, Judgement] = {rule.name: rule.judge(m) for rule in ADVISING}
    for rule in ADVISING:
        one = told[rule.name]
        if isinstance(one, Advised) and (came := came_of(make_advice(rule, one, 0.0))):
            told[rule.name] = Tried(one.measured, came)
    path = walk(m, told)
    chances = {
        rule.name: chance_of(
            rule.prior, (record or {}).get(rule.name, (0, 0)), led=rule.name == path.leads_to if path.leads_to else None
        )
        for rule in ADVISING
    }
    judged = ((rule, told[rule.name]) for rule in ADVISING)
    advice = [make_advice(rule, one, chances[rule.name]) for rule, one in judged if isinstance(one, Advised)]
    given, contradicting = part_contradictions(once_a_command(sorted(advice, key=lambda one: -one.worth)))
    return Counsel(
        m,
        path,
        given,
        {name: one for name, one in told.items() if isinstance(one, Fine)},
        {name: one for name, one in told.items() if isinstance(one, NotMeasured)},
        contradicting,
    )


def once_a_command(advice: Sequence[Advice]) -> tuple[Advice, ...]:
    """Of several rules that ask for the same, but for the folder it goes to, the first."""
    first: dict[tuple[str, ...], Advice] = {}
    for one in advice:
        first.setdefault(one.command.asks, one)
    return tuple(first.values())


def make_advice(rule: Rule, told: Advised, chance: float) -> Advice:
    """The rule's words, with its ids, source and chance."""
    return Advice(
        rule.name,
        rule.ids,
        told.measured,
        told.cause,
        told.action,
        told.command,
        told.expected,
        told.at_stake,
        chance,
        rule.source,
        told.evidence,
    )


def chance_of(prior: Prior, record: tuple[int, int], *, led: bool | None = None) -> float:
    """The posterior mean. led: whether the tree leads to the rule; None where it leads nowhere."""
    good, bad = prior.good + record[0], prior.bad + record[1]
    good, bad = (good + LEADS, bad) if led else (good, bad + LEADS * (led is False))
    return good / (good + bad)
