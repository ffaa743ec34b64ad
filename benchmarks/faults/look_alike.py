"""A healthy program that looks like a fault: any alert about it is a false one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import torch

from faults.assembly import assemble
from faults.fault import DRAWS, World, draw_world
from faults.parts import Parts
from faults.program import Program


@dataclass(frozen=True)
class LookAlike:
    """edit(parts, chance) makes a drawn program look odd and leaves it healthy.

    domains, needs, one_of, lacks: as for a fault.
    """

    name: str
    words: str
    edit: Callable[[Parts, random.Random], Parts]
    domains: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def applies(self, parts: Parts) -> bool:
        """Whether a draw can be edited so."""
        traits = parts.traits
        fits = traits >= self.needs and not traits & self.lacks and bool(not self.one_of or traits & self.one_of)
        return parts.domain in self.domains and fits


def draw_look_alike(look_alike: LookAlike, worlds: dict[str, World], seed: int) -> Program:
    """A healthy program.

    Raises:
        LookupError: no draw has the traits that it needs.
    """
    for attempt in range(DRAWS):
        chance = random.Random(f"{look_alike.name} {seed} {attempt}")
        world_seed = chance.randrange(2**31)
        parts = draw_world(worlds[chance.choice(look_alike.domains)], world_seed)
        if look_alike.applies(parts):
            break
    else:
        raise LookupError(f"{look_alike.name}: none of {DRAWS} draws suits it")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(world_seed)
        return assemble(look_alike.edit(parts, random.Random(world_seed)), name=look_alike.name, seed=world_seed)
