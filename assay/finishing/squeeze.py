"""The last stage before the test: train longer, average, ensemble, distil; validation decides.

squeezed = squeeze(recipe, data, members=3)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from assay.data.data import Data
from assay.evaluation import Evaluation, evaluate, score
from assay.figure import Lines, Series, Table
from assay.finding import Finding, Report, Skipped
from assay.finishing.distillation import TeacherTargets, distil_recipe
from assay.finishing.refusal import describe_refusal
from assay.models.ensemble import Ensemble
from assay.recipe import Recipe
from assay.training.train import Run, train
from assay.tricks.average.ema import EMA

TrainMember = Callable[[str, Recipe, int, Ensemble | None], Run | None]
"""(name, recipe, seed, teacher) -> its run, or None when there is no time for it.

The name tells members and student apart in logs and files; members have no teacher."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that could be shipped. run: the training that made it, of an ensemble its first member's."""

    name: str
    members: tuple[nn.Module, ...]
    evaluation: Evaluation
    run: Run

    @property
    def rank(self) -> tuple[float, float, int]:
        """Higher ships: the metric, then the loss, then fewer networks; what diverged comes last."""
        value, loss = self.evaluation.value, self.evaluation.loss
        if not (math.isfinite(value) and math.isfinite(loss)):
            return (-math.inf, -math.inf, -len(self.members))
        return (value, -loss, -len(self.members))


@dataclass(frozen=True, eq=False)
class Squeezed:
    """members: the networks to ship (one, or an ensemble's). shipped: the training that made them, or the first."""

    report: Report
    members: tuple[nn.Module, ...]
    evaluation: Evaluation
    shipped: Run
    runs: tuple[Run, ...]

    @property
    def recipe(self) -> Recipe:
        """What the shipped networks were trained by."""
        return self.shipped.recipe

    @property
    def is_distilled(self) -> bool:
        """Whether the network that ships learned from the ensemble."""
        return any(isinstance(edit, TeacherTargets) for edit in self.recipe.batch_edits)


def squeeze(
    recipe: Recipe,
    data: Data,
    *,
    members: int = 3,
    seed: int = 0,
    distil: bool = True,
    train_member: TrainMember | None = None,
) -> Squeezed:
    """Make every candidate there is time for, and ship the one that validates best.

    Args:
        recipe: the recipe at full length; averaging is added to it.
        members: networks of the ensemble, at least 1; each is a run of its own seed.
        train_member: trains one network; trains here and now by default.
    Raises:
        ValueError: no member is asked for.
    """
    if members < 1:
        raise ValueError(f"members must be at least 1, got {members}; 1 trains a single network, 3 are usual")
    started, recipe = time.perf_counter(), with_average(recipe)
    train_member = train_member or (lambda _, recipe, seed, teacher: train_here(recipe, data, seed, teacher))
    runs = list(train_members(recipe, train_member, members=members, seed=seed))
    skipped = [Skipped(f"members {len(runs) + 1} to {members}", "budget")] if len(runs) < members else []
    candidates, every = candidates_from(runs, data), list(runs)
    student = train_student(recipe, train_member, runs, seed=seed + members) if distil else None
    if student is not None:
        candidates.append(Candidate("distilled", (student.model,), student.validation, student))
        every.append(student)
    elif distil:
        skipped.append(Skipped("distillation", "budget" if len(runs) > 1 else "needs an ensemble of two or more"))
    best = max(candidates, key=lambda candidate: candidate.rank)
    findings = [describe_candidates(candidates, best), describe_curves(every)]
    if data.specification.task == "classification":
        findings.append(describe_refusal(best.evaluation))
    report = Report("squeeze", tuple(findings), tuple(skipped), time.perf_counter() - started)
    return Squeezed(report, best.members, best.evaluation, best.run, tuple(every))


def train_members(recipe: Recipe, train_member: TrainMember, *, members: int, seed: int) -> Iterator[Run]:
    """The members' runs, each of its own seed, as long as there is time for another."""
    for number in range(members):
        run = train_member(f"member-{number}", recipe, seed + number, None)
        if run is None:
            return
        yield run


def train_student(recipe: Recipe, train_member: TrainMember, runs: Sequence[Run], *, seed: int) -> Run | None:
    """A network that learns from the ensemble of the runs; None without an ensemble, or without time for it."""
    if len(runs) < 2:
        return None
    teacher = Ensemble([run.model for run in runs], classes=recipe.task == "classification")
    return train_member("student", recipe, seed, teacher)


def train_here(recipe: Recipe, data: Data, seed: int, teacher: Ensemble | None) -> Run:
    """Train a member from scratch, or a student of `teacher` from its first member's weights."""
    if teacher is None:
        return train(recipe, data, seed=seed)
    return train(distil_recipe(recipe, teacher), data, seed=seed, initial=teacher.members[0])


def with_average(recipe: Recipe) -> Recipe:
    """The recipe, averaging its weights while it trains."""
    return recipe if recipe.average is not None else recipe | EMA()


def candidates_from(runs: Sequence[Run], data: Data) -> list[Candidate]:
    """The first run without and with its averaged weights, and ensembles of all of them."""
    first = runs[0]
    last = evaluate(first.last_model, data.validation, data.specification)
    found = [Candidate("one network", (first.last_model,), last, first),
             Candidate("one network, averaged weights", (first.model,), first.validation, first)]  # fmt: skip
    if len(runs) > 1:
        answers = torch.stack([run.validation.outputs for run in runs]).mean(0)
        together = score(answers, data.validation.targets, data.specification)
        found.append(Candidate(f"ensemble of {len(runs)}", tuple(run.model for run in runs), together, first))
    return found


def describe_candidates(candidates: Sequence[Candidate], best: Candidate) -> Finding:
    """Every model that could ship, and the one that does."""
    rows = tuple(
        (c.name, f"{c.evaluation.value:.4f}", f"[{c.evaluation.low:.4f}, {c.evaluation.high:.4f}]",
         f"{c.evaluation.loss:.4f}", "ships" if c is best else "")
        for c in candidates
    )  # fmt: skip
    metric, e = best.evaluation.metric, best.evaluation
    summary = f"Ships: {best.name}, validation {metric} {e.value:.4f} [{e.low:.4f}, {e.high:.4f}], n = {e.n}."
    evidence = {c.name: {"value": c.evaluation.value, "loss": c.evaluation.loss} for c in candidates}
    table = Table("What could be shipped", ("model", metric, "95 % interval", "loss", ""), rows)
    return Finding("shipped_model", "note", summary, evidence,
                   source="Karpathy 2019: ensembles, then distil; leave it training.", figures=(table,))  # fmt: skip


def describe_curves(runs: Sequence[Run]) -> Finding:
    """Training and validation curves of the long runs."""
    losses = tuple(Series(f"seed {r.seed}", tuple(map(float, r.history.steps)), tuple(r.history.losses)) for r in runs)
    values = tuple(
        Series(f"seed {r.seed}", tuple(map(float, r.history.looks)), tuple(r.history.validation_values)) for r in runs
    )
    steps = runs[0].steps
    figures = (Lines("Training loss", "step", "loss", losses, log_y=True),
               Lines(f"Validation {runs[0].validation.metric}", "step", runs[0].validation.metric, values))  # fmt: skip
    told = "One long training" if len(runs) == 1 else f"{len(runs)} long trainings, the first"
    summary = f"{told} of {steps} steps in {runs[0].seconds:.0f} s."
    return Finding("long_training", "note", summary, {"steps": steps, "runs": len(runs)}, figures=figures)
