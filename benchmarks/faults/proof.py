"""What a proof says: whether the symptom is there, in words and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Proof:
    holds: bool
    words: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
