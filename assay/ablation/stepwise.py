"""Stepwise: the clearest trick joins the stack, then all others are measured on the longer stack, until none is clear.

Round r is an add-one study on the stack so far, of all tricks that can join it, with error rate

    alpha_r = alpha / 2^r        r = 1, 2, ...

At the first look at which one is clearly for the better, the best of those that are joins; a round without one is the
last. With this, the chance that the stack ever gains a trick that does nothing for it is at most alpha:

    A round has seeds of its own, so whatever the rounds before saw and chose, its differences have the luck of fresh
    trainings. Given its stack, `assay.ablation.sequential` says with chance at most alpha_r of any trick without effect
    that it has one. A trick without effect joins in some round, and the sum of all alpha_r is at most alpha.

A stack of useless tricks gains its first member in round 1, with chance at most alpha / 2. All rounds are judged on the
same validation examples: what chose the stack flatters the stack, which the next trick must beat, so that errs on the
safe side. Trainings of the round before are not used again: the stack was chosen for its luck on those seeds, and would
be harder to beat there. That costs one arm a round.

Source: forward selection that stops at the first round without a discovery: G'Sell, Wager, Chouldechova and Tibshirani
2016 (arXiv:1309.5352); the shares are a plain union bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assay.ablation.by_class import ClassEffect
from assay.ablation.designs.add_one import add_one
from assay.ablation.designs.design import Arm
from assay.ablation.judge import Judge
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study import run_study
from assay.errors import InputError
from assay.in_place import put_in_place
from assay.recipe import Recipe, RecipeError, Trick, describe_part, identity
from assay.trial import MeasureAll

STEPWISE = "stepwise"


@dataclass(frozen=True)
class Round:
    """places: of the tricks of its study, in the list that was given. added: the one that joined the stack, if any."""

    study: Study
    places: Arm
    added: int | None


@dataclass(frozen=True)
class Steps:
    """recipe: the baseline with all that joined. out_of_time: whether it ended for want of time."""

    rounds: tuple[Round, ...]
    recipe: Recipe
    out_of_time: bool

    @property
    def stack(self) -> Arm:
        """Places of the tricks that joined, in this order."""
        return tuple(one.added for one in self.rounds if one.added is not None)


def run_stepwise(
    baseline: Recipe,
    tricks: Sequence[Trick],
    measure_all: MeasureAll,
    *,
    looks: Looks | None = None,
    first_seed: int = 0,
    share_used: Callable[[], float] = lambda: 0.0,
    judge: Judge | None = None,
) -> Steps:
    """Add what is clear, one trick a round.

    Args:
        looks: of every round; its alpha is that of the whole.
        first_seed: of round 1; each round has as many seeds as the last look, after those of the round before.
        share_used: asked between looks and rounds; no round is begun that its first look would make late.
    Raises:
        InputError: no trick was given, or one of them cannot be put on the baseline.
    """
    looks = looks or Looks()
    if not tricks:
        raise InputError("tricks must name at least one, got none; see `assay tricks` for those there are")
    rounds, recipe, out_of_time = list[Round](), baseline, False
    while places := joinable(recipe, tricks, baseline):
        number, used = len(rounds), share_used()
        if rounds and used + _share_of_first_look(rounds[-1], used / number, looks) > 1:
            out_of_time = True
            break
        study = run_study(
            recipe, [tricks[place] for place in places], measure_all, design=add_one,
            looks=replace(looks, alpha=looks.alpha / 2 ** (number + 1)),
            first_seed=first_seed + number * looks.seeds[-1],
            share_used=lambda used=used: (share_used() - used) / max(1e-9, 1 - used), judge=judge, until_one_helps=True,
        )  # fmt: skip
        added = best_helping(study)
        rounds.append(Round(study, places, None if added is None else places[added]))
        if added is None:
            break
        recipe, _ = put_in_place(recipe, tricks[places[added]], baseline.tricks)
    return Steps(tuple(rounds), recipe, out_of_time or rounds[-1].study.out_of_time)


def joinable(recipe: Recipe, tricks: Sequence[Trick], baseline: Recipe) -> Arm:
    """Places of the tricks that can join the stack: all in the first round, later those that clash with no member."""
    if recipe is baseline:
        return tuple(range(len(tricks)))
    return tuple(place for place, trick in enumerate(tricks) if not why_not_joining(recipe, trick, baseline))


def why_not_joining(recipe: Recipe, trick: Trick, baseline: Recipe) -> str:
    """Why it cannot stand on this stack, in place of the baseline's own that set the same; empty where it can.

    One of the same kind as a member that was added would take its place, and is no addition.
    """
    members = {identity(member) for member in recipe.tricks if member not in baseline.tricks}
    if identity(trick) in members:
        return f"{type(trick).__name__} is already in the recipe; use it once"
    try:
        changed, _ = put_in_place(recipe, trick, baseline.tricks)
    except RecipeError as error:
        return str(error)
    return f"{describe_part(trick)} is in the baseline already" if changed.tricks == recipe.tricks else ""


def best_helping(study: Study) -> int | None:
    """Number of the effect that is clearly for the better, the largest of them; None where none is."""
    sign = study.judge.metric.sign
    helping = [number for number, effect in enumerate(study.effects) if effect.verdict == "helps"]
    return max(helping, key=lambda number: study.effects[number].estimate * sign, default=None)


def study_of(steps: Steps, tricks: Sequence[Trick], looks: Looks) -> Study:
    """All rounds as one study: of each trick that joined the effect with which it did, of others the last one known.

    So it is with the effects on each class, whose error rates add up over rounds as those of the tricks do.
    """
    effects: dict[int, StudiedEffect] = {}
    of_classes: dict[int, list[ClassEffect]] = {}
    for number, one in enumerate(steps.rounds):
        # Round r has the error rate alpha / 2^r: p times 2^r is held against that of all rounds.
        effects |= {
            place: replace(
                effect, tricks=(place,), p_adjusted=float(np.minimum(1.0, effect.p_adjusted * 2 ** (number + 1)))
            )
            for place, effect in zip(one.places, one.study.effects, strict=True)
        }
        of_classes |= {
            place: [known for known in one.study.of_classes if known.name == describe_part(tricks[place])]
            for place in one.places
        }
    trainings = sum(one.study.trainings for one in steps.rounds)
    fixed = sum(one.study.fixed for one in steps.rounds)
    return Study(
        STEPWISE, "what it adds to the stack of the round in which it was looked at last",
        tuple(effects[place] for place in range(len(tricks))), looks, trainings, fixed, steps.out_of_time,
        steps.rounds[0].study.judge, stack=steps.stack, curves=steps.rounds[0].study.curves,
        of_classes=tuple(known for place in range(len(tricks)) for known in of_classes[place]),
        examples=steps.rounds[0].study.examples, level=steps.rounds[0].study.level,
    )  # fmt: skip


def _share_of_first_look(before: Round, share_a_round: float, looks: Looks) -> float:
    """What part of all time the first look of the next round takes, by what the rounds before took."""
    trainings = looks.seeds[0] * len(before.places)
    return share_a_round * trainings / max(1, before.study.trainings)
