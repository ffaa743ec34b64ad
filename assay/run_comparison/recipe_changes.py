"""What differs between two recipes: part by part, trick by trick, setting by setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay.run_comparison.change import NONE, Change
from assay.run_comparison.details import describe, value_text

PARTS = ("model", "loss", "optimizer")


def recipe_changes(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """Of two recipe files, all but how long is trained; tricks first, since they are what one tries."""
    found = _of_tricks(first.get("tricks", ()), second.get("tricks", ()))
    for slot in PARTS:
        found += _of_parts(slot, first.get(slot, {}), second.get(slot, {}))
    if first.get("batch_size") != second.get("batch_size"):
        found.append(Change("batch size", str(first.get("batch_size", NONE)), str(second.get("batch_size", NONE))))
    return found


def _of_parts(place: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """Whole, where they are of different kinds; else setting by setting."""
    if first.get("kind") != second.get("kind"):
        return [Change(place, describe(first), describe(second))]
    kind = f"{place} {first.get('kind', '')}" if place in PARTS else place
    names = [*first, *(name for name in second if name not in first)]
    return [
        Change(f"{kind}.{name}", _text(first, name), _text(second, name))
        for name in names if first.get(name) != second.get(name)
    ]  # fmt: skip


def _text(part: Mapping[str, Any], name: str) -> str:
    """A setting that is not written is the one of nothing."""
    return value_text(part[name]) if name in part else "none"


def _of_tricks(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> list[Change]:
    here, there = {_identity(trick): trick for trick in first}, {_identity(trick): trick for trick in second}
    found = [Change("trick", describe(trick), NONE) for name, trick in here.items() if name not in there]
    found += [Change("trick", NONE, describe(trick)) for name, trick in there.items() if name not in here]
    for name, trick in here.items():
        if name in there:
            found += _of_parts(name[0], trick, there[name])
    ordered = [[name for name in one if name in other] for one, other in ((here, there), (there, here))]
    if ordered[0] != ordered[1]:
        found.append(Change("order of tricks", *(" | ".join(name for name, _ in names) for names in ordered)))
    return found


def _identity(trick: Mapping[str, Any]) -> tuple[str, str]:
    """What a stack holds once: a kind, or a kind and the quantity that it schedules."""
    return str(trick.get("kind")), str(trick.get("of", ""))
