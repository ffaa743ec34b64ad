"""A program as a stranger would hand it in: the arguments of `assay.verify`, and what is true about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faults.parts import Parts


@dataclass(frozen=True)
class Program:
    """One drawn program, ready to be verified.

    arguments: by name, for `assay.verify`.
    causes: ids of the checks that would be right to alert; empty where the program is healthy.
    fault: what is wrong, in words; empty where the program is healthy.
    parts: what it was put together from; only proofs look here.
    """

    name: str
    domain: str
    seed: int
    arguments: Mapping[str, Any]
    causes: frozenset[str]
    fault: str
    parts: Parts

    @property
    def healthy(self) -> bool:
        """Whether any alert would be a false one."""
        return not self.fault

    @property
    def key(self) -> str:
        """Name, seed and whether the fault is in: what a result is found again by."""
        return f"{self.name}/{self.seed}/{'healthy' if self.healthy else 'faulty'}"
