"""Two remedies that change one setting in opposite directions: the better one is given, and the other is told as such.

moves = {setting: +1 or -1}        a trick that is added moves its own name up, one that is left out down
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol, TypeVar, runtime_checkable

from assay.advice.command import Command
from assay.advice.judgement import RATE
from assay.finding import Finding


@runtime_checkable
class Moving(Protocol):
    """What has a command and says which settings it moves."""

    @property
    def rule(self) -> str: ...
    @property
    def command(self) -> Command: ...
    @property
    def moves(self) -> Mapping[str, int]: ...


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


def all_moves(one: Moving) -> dict[str, int]:
    """The settings that it says it moves, and the tricks that its command adds or leaves out."""
    words = one.command.words
    pairs = list(pairwise(words))
    tricks = {value.split("(")[0]: 1 for option, value in pairs if option == "--trick"}
    gone = {value: -1 for option, value in pairs if option == "--without"}
    return {**tricks, **gone, **one.moves}


def opposed(first: Mapping[str, int], second: Mapping[str, int]) -> str:
    """A setting that both move, in opposite directions; empty where there is none."""
    return next((name for name, way in first.items() if second.get(name, way) != way), "")


def without_contradictions(findings: Sequence[Finding]) -> list[Finding]:
    """Of findings that ask for another learning rate, those that ask for the other direction lose their remedy."""
    first = next((one for one in findings if direction_of(one.fix)), None)
    if first is None:
        return list(findings)
    told = f" Its own remedy is left out: `{first.id}` asks for the opposite change of the {RATE}."
    return [
        replace(one, summary=one.summary + told, cause="", fix="")
        if direction_of(one.fix) == -direction_of(first.fix)
        else one
        for one in findings
    ]


def direction_of(fix: str) -> int:
    """Which way a finding's remedy moves the rate: +1, -1, or 0 where it does not begin with a change of it."""
    change = fix.split(":")[0].split(";")[0]
    if "rate" not in change:
        return 0
    return 1 if change.startswith("Raise") else -1 if change.startswith(("Lower", "Halve")) else 0
