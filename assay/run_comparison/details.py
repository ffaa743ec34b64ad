"""What two runs are compared by: data, recipe, versions, stages, and the score of each example."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.errors import InputError
from assay.run_comparison.past_run import PastRun
from assay.run_comparison.study_outcome import MeasuredEffect, effects_of
from assay.run_folder import DATABASE, read_recipe_table, read_summary
from assay.store.run_details import look_at_decisions, look_at_seconds, look_at_stages

WITH_RECIPE = ("squeeze", "tune", "ablate")
"""Stages that hand a recipe on, the last of a run first."""


@dataclass(frozen=True)
class Details:
    """Of one run; what was not recorded is empty.

    data: fingerprint of all its examples, labels and splits. recipe: as its TOML file has it. stages: seconds of each.
    examples: what `assay.example_scores` keeps, of the split of `run.score`. effects: of an ablation.
    """

    run: PastRun
    data: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, float] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[MeasuredEffect, ...] = ()

    @property
    def asked(self) -> Mapping[str, Any]:
        """The options of a study or a search; empty of anything else, and of one that Assay chose by itself."""
        return self.run.request.get("study") or {}

    @property
    def tricks(self) -> tuple[str, ...]:
        """Of its recipe, in their order."""
        return tuple(describe(trick) for trick in self.recipe.get("tricks", ()))

    def part(self, slot: str) -> str:
        """The model, loss or optimizer in a few words; empty where it is not known."""
        return describe(self.recipe[slot]) if slot in self.recipe else ""

    @property
    def epochs(self) -> float | None:
        return self.recipe.get("epochs")


def read_details(run: PastRun) -> Details:
    """All that its folder tells.

    Raises:
        InputError: its database cannot be read any more.
    """
    summary = read_summary(run.folder) if run.kind in ("run", "train") and run.state == "done" else {}
    path, number = run.folder / DATABASE, run.number
    decided, results, stages = {}, {}, {}
    if number is not None:
        decided = look_at_decisions(path, number, "data", "environment")
        results = look_at_stages(path, number, *WITH_RECIPE, "test")
        stages = look_at_seconds(path, number)
    told = summary.get("stages", {})
    return Details(
        run, data=str(decided.get("data", {}).get("fingerprint") or run.request.get("data") or summary.get("data", "")),
        recipe=_recipe(run, results), environment=decided.get("environment") or summary.get("environment") or {},
        stages=stages or {name: float(stage["seconds"] or 0.0) for name, stage in told.items()},
        examples=results.get("test", {}).get("examples") or summary.get("examples") or {},
        effects=effects_of(results.get("ablate", {})),
    )  # fmt: skip


def _recipe(run: PastRun, results: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The last that its stages handed on, or the file that a training leaves; empty where neither is there."""
    texts = [results[stage]["recipe"] for stage in WITH_RECIPE if results.get(stage, {}).get("recipe")]
    if not texts:
        return read_recipe_table(run.folder) if run.kind in ("run", "train") else {}
    try:
        return tomllib.loads(texts[0])
    except tomllib.TOMLDecodeError:
        return {}


def describe(part: Mapping[str, Any]) -> str:
    """A table of a recipe file in a few words, as a recipe tells itself: `Mixup(alpha=0.4)`.

    A part that this version does not know, or not with these settings, is told with all of them.
    """
    from assay.parts import describe_part
    from assay.recipe_toml import PARTS, read_part
    from assay.tricks.catalog import TRICKS

    kinds = [*TRICKS, *(kind for parts in PARTS.values() for kind in parts)]
    try:
        return describe_part(read_part(part, kinds, "recipe"))
    except InputError:
        settings = ", ".join(f"{name}={value_text(value)}" for name, value in part.items() if name != "kind")
        return f"{part.get('kind', '?')}({settings})"


def value_text(value: Any) -> str:
    """One setting: a long number in four digits, a part within a part in its own few words."""
    if isinstance(value, Mapping):
        return describe(value)
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
