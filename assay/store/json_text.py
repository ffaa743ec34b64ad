"""Values as JSON that every database takes."""

from __future__ import annotations

import json
import math
from typing import Any


def to_json(value: Any) -> str:
    """Strict JSON, which PostgreSQL insists on: of a diverged training, `nan` is written {"float": "nan"}."""
    return json.dumps(_finite(value), allow_nan=False)


def from_json(text: str | bytes) -> Any:
    """What `to_json` wrote."""
    return json.loads(text, object_hook=lambda found: float(found["float"]) if set(found) == {"float"} else found)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return {"float": repr(value)} if isinstance(value, float) and not math.isfinite(value) else value
