"""Groups that file names tell: a folder below the class, `subject012_0003`, `012-0003`.

A candidate is a pattern with one capture group, as `--group` takes it. It is worth asking where most files match, and
it makes many groups of several files each; a file name tells nothing where each group has one file or all have one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

PATTERNS = (
    r"([^/]+)/[^/]+$",
    r"([^/_\-]*[A-Za-z][_\-]?\d+)[_\-. ][^/]*\d[^/]*$",
    r"(?:^|/)(\d+)[_\-. ][^/]*\d[^/]*$",
    r"(?:^|/)([A-Za-z]+\d+)[A-Za-z]+\d+[^/]*$",
)
LEAST_GROUPS, USUAL_SIZE = 5, 1.5
MATCHED = 0.98


def group_by_names(ids: Sequence[str], labels: Sequence[int]) -> list[tuple[str, list[str]]]:
    """Patterns and the group of each example; an example that does not match is alone in a group of its own.

    Folders that stand for the class are no groups of examples: their number would not exceed that of the classes.
    """
    if not all("/" in name for name in ids[:1]):
        return []
    classes = len(set(labels))
    return [
        (pattern, groups)
        for pattern in PATTERNS
        if (groups := _groups_of(ids, pattern)) is not None and _is_worth_asking(groups, classes)
    ]


def _groups_of(ids: Sequence[str], pattern: str) -> list[str] | None:
    matches = [re.search(pattern, name) for name in ids]
    if sum(match is not None for match in matches) < MATCHED * len(ids):
        return None
    return [match.group(1) if match else name for match, name in zip(matches, ids, strict=True)]


def _is_worth_asking(groups: list[str], classes: int) -> bool:
    counts = Counter(groups)
    return len(counts) >= max(LEAST_GROUPS, 2 * classes) and len(groups) >= USUAL_SIZE * len(counts)
