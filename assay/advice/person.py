"""How good a person was, from the answers kept beside the run and the labels that its inspection wrote down.

The first answer of each person to each example counts, as in `assay human`.

Source: Goodfellow et al. 2016, section 11.1 (a person's error estimates what can be reached).
"""

from __future__ import annotations

from pathlib import Path

from assay.audit.quiz import read_answers
from assay.errors import InputError
from assay.run_folder import AUDIT

FEWEST = 30
"""Our choice: a share of .9 is known to about .1 of so many answers."""


def find_person(folder: Path, source: str) -> float | None:
    """The share of right answers of the best person who gave at least `FEWEST`; None where nobody did."""
    name = Path(source).name
    answers = [folder.parent / f"human-{name}.jsonl", folder / f"human-{name}.jsonl"]
    found = next((path for path in answers if path.is_file()), None)
    table = folder / AUDIT
    if found is None or not table.is_file():
        return None
    import polars as pl

    try:
        labels = dict(pl.read_parquet(table, columns=["id", "label"]).iter_rows())
        said = read_answers(found).answers
    except (OSError, InputError, pl.exceptions.PolarsError):
        return None
    first: dict[tuple[str, str], bool] = {}
    for answer in said:
        if answer.action == "answer" and answer.id in labels:
            first.setdefault((answer.person, answer.id), answer.label == labels[answer.id])
    people = {person: [right for (who, _), right in first.items() if who == person] for person, _ in first}
    shares = [sum(rights) / len(rights) for rights in people.values() if len(rights) >= FEWEST]
    return max(shares, default=None)
