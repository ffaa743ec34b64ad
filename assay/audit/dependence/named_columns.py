"""Groups that a column of a table tells: it is called an id, a patient, a user, and has each value several times."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from assay.audit.dependence.ranked import Ranked

WORDS = frozenset(
    re.findall(
        r"\w+",
        """id ids uid guid patient subject person people user customer client member participant respondent speaker
        author writer reader employee student account player team household family session visit trip device machine
        station site hospital school store shop vehicle car video film movie scene clip recording case animal mouse
        donor sample plate batch group cluster fold""",
    )
)
LEAST_GROUPS, USUAL_SIZE = 5, 1.5


def group_by_columns(ranked: Ranked) -> Iterator[tuple[str, list[str]]]:
    """Names of columns and the group of each example."""
    for name in dict.fromkeys(ranked.columns):
        if not WORDS & set(words_of(name)):
            continue
        values = ranked.raw[:, [place for place, column in enumerate(ranked.columns) if column == name]]
        _, groups = np.unique(values, axis=0, return_inverse=True)
        groups = groups.reshape(-1)
        count = int(groups.max()) + 1
        if count >= LEAST_GROUPS and len(groups) >= USUAL_SIZE * count and not (values % 1).any():
            yield name, [str(group) for group in groups.tolist()]


def words_of(name: str) -> list[str]:
    """`PatientID` and `patient_id` are patient and id."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
