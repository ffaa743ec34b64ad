"""A named fault: where it can be planted, what would be right to say about it, and the proof that it is real."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch

from faults.assembly import assemble
from faults.parts import Parts
from faults.program import Program
from faults.proof import Proof

World = Callable[[random.Random], Parts]
Plant = Callable[[Parts, random.Random], Parts]
Symptom = Callable[[Program, Program], Proof]
DRAWS = 2000


@dataclass(frozen=True)
class Fault:
    """plant(parts, chance) puts it in; symptom(faulty, sibling) proves it.

    causes: ids that are right, decided from the fault's words before any result was seen.
    domains: where it is drawn; needs, one_of, lacks: traits that the parts must have, one of which they must have,
    and which they must not have.
    """

    name: str
    words: str
    causes: frozenset[str]
    plant: Plant
    symptom: Symptom
    domains: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def applies(self, parts: Parts) -> bool:
        """Whether it can be planted there."""
        traits = parts.traits
        fits = traits >= self.needs and not traits & self.lacks and bool(not self.one_of or traits & self.one_of)
        return parts.domain in self.domains and fits


def draw_parts(fault: Fault, worlds: dict[str, World], seed: int) -> tuple[Parts, int]:
    """Healthy parts that the fault can be planted in, and the seed that drew them.

    Raises:
        LookupError: no draw has the traits that the fault needs.
    """
    for attempt in range(DRAWS):
        chance = random.Random(f"{fault.name} {seed} {attempt}")
        world_seed = chance.randrange(2**31)
        parts = draw_world(worlds[chance.choice(fault.domains)], world_seed)
        if fault.applies(parts):
            return parts, world_seed
    raise LookupError(f"{fault.name}: none of {DRAWS} draws of {', '.join(fault.domains)} can carry it")


def draw_world(world: World, seed: int) -> Parts:
    """A world's parts; leaves the global random numbers as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = world(random.Random(seed))
        return parts.with_traits(*told_by_parts(parts))


def told_by_parts(parts: Parts) -> set[str]:
    """Traits that any world's parts show: the optimiser's name, the loop's and the batch's form."""
    found = {type(parts.make_optimizer(parts.make_model())).__name__.lower()}
    found |= {"own_step"} if parts.make_step is not None else {"usual_step"}
    found |= {"scheduled"} if parts.make_scheduler is not None else set()
    return found | ({"mapping"} if parts.form.inputs else {"pair"})


def draw_pair(fault: Fault, worlds: dict[str, World], seed: int) -> tuple[Program, Program]:
    """The faulty program and its healthy sibling: the same draw, the same first weights."""
    parts, world_seed = draw_parts(fault, worlds, seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(world_seed)
        faulty = fault.plant(parts, random.Random(world_seed))
        sick = assemble(faulty, name=fault.name, seed=world_seed, causes=fault.causes, fault=fault.words)
        well = assemble(parts, name=fault.name, seed=world_seed)
    return sick, well
