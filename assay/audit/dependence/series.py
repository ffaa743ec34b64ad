"""The order in which examples lay at their source, read from where they come from.

`row 7` comes before `row 8`, and `cat/frame_0009.png` before `cat/frame_0010.png`: what stands before the last number
names the series, the number the place in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Int

NUMBERED = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)
ENDING = re.compile(r"\.[A-Za-z]{2,5}$")


def find_neighbours(ids: Sequence[str]) -> Int[np.ndarray, "pairs 2"]:
    """Positions of all pairs that follow one another in a series, each series in its order."""
    series = dict[str, list[tuple[int, int]]]()
    for position, name in enumerate(ids):
        match = NUMBERED.match(ENDING.sub("", name))
        # A number of more digits than a counter has is a hash.
        if match is not None and len(match.group(2)) <= 12:
            series.setdefault(f"{match.group(1)}|{match.group(3)}", []).append((int(match.group(2)), position))
    pairs = [(first[1], second[1]) for places in series.values() for first, second in pairwise(sorted(places))]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)
