"""Two remedies that change one setting in opposite directions: the better one is given, and the other is told as such.

moves = {setting: "up" or "down"}        a trick that is added moves its own name up, one that is left out down
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol, TypeVar, runtime_checkable

from assay.advice.command import Command
from assay.advice.judgement import Way, moves_of, without_moves
from assay.finding import Finding


@runtime_checkable
class Moving(Protocol):
    """What has a command, and evidence that says which settings it moves."""

    @property
    def rule(self) -> str: ...
    @property
    def command(self) -> Command: ...
    @property
    def evidence(self) -> Mapping[str, Any]: ...


M = TypeVar("M", bound=Moving)


def part_contradictions(ranked: Sequence[M]) -> tuple[tuple[M, ...], dict[str, str]]:
    """Those that contradict none before them; and of the others, by rule, which one each contradicts in what."""
    kept, left_out = list[M](), dict[str, str]()
    for one in ranked:
        moves = all_moves(one)
        against = ((other, name) for other in kept if (name := opposed(moves, all_moves(other))))
        other, name = next(against, (None, ""))
        if other is None:
            kept.append(one)
        else:
            left_out[one.rule] = f"would move the {name} the other way than {other.rule}, which is worth more"
    return tuple(kept), left_out


def all_moves(one: Moving) -> dict[str, Way]:
    """The settings that its evidence says it moves, and the tricks that its command adds or leaves out."""
    words = one.command.words
    pairs = list(pairwise(words))
    tricks: dict[str, Way] = {value.split("(")[0]: "up" for option, value in pairs if option == "--trick"}
    gone: dict[str, Way] = {value: "down" for option, value in pairs if option == "--without"}
    return {**tricks, **gone, **moves_of(one.evidence)}


def opposed(first: Mapping[str, Way], second: Mapping[str, Way]) -> str:
    """A setting that both move, in opposite directions; empty where there is none."""
    return next((name for name, way in first.items() if second.get(name, way) != way), "")


def without_contradictions(findings: Sequence[Finding]) -> list[Finding]:
    """Those whose remedy moves a setting the other way than the remedy of one before lose their own."""
    kept, moving = list[Finding](), list[Finding]()
    for one in findings:
        moves = moves_of(one.evidence)
        against = ((other, name) for other in moving if (name := opposed(moves, moves_of(other.evidence))))
        other, name = next(against, (None, ""))
        if other is not None:
            kept.append(_without_remedy(one, f"`{other.id}` asks for the opposite change of the {name}"))
            continue
        kept.append(one)
        moving += [one] if moves else []
    return kept


def _without_remedy(finding: Finding, reason: str) -> Finding:
    summary = f"{finding.summary} Its own remedy is left out: {reason}."
    return replace(finding, summary=summary, evidence=without_moves(finding.evidence), cause="", fix="")
