"""The table of published and measured effects in the documentation, from the results that are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "effects.md"

HEAD = """# Do the published effects appear?

Papers report effects of tricks on large networks and long trainings. Here each is reproduced in miniature, planned for
four minutes of one CPU core: what differs between the arms is the trick alone, every arm is trained on the same seeds,
and the difference is given with its 95 % interval over paired seeds (Student's t). Settings, seeds and the direction of
the published effect were written down before the recorded run, and each row is reported whether or not it confirms.
"No measurable effect" means that the interval holds 0, not that there is none; "confirmed" is about the sign, not the
size. A training of a few epochs says little about one of hundreds: an effect that is missing here is missing here.

| published | here | effect here [95 %] | n | verdict |
|---|---|---|---|---|
"""


def write_table() -> None:
    """Write the page; results that are not there yet are left out."""
    paths = sorted((ROOT / "benchmarks" / "results").glob("effect-*.json"))
    rows = [row for path in paths for row in rows_of(json.loads(path.read_text()))]
    PAGE.write_text(HEAD + "\n".join(rows) + "\n\n" + machines(paths))
    print(f"{len(rows)} rows written to {PAGE.relative_to(ROOT)}")


def rows_of(result: dict[str, Any]) -> list[str]:
    """A row for each contrast; claim and setting stand in the first."""
    figures, rows = result["figures"], []
    for number, outcome in enumerate(figures["outcomes"]):
        low, high = outcome["interval"]
        arms = " against ".join(
            f"{arm} {figures['means'][arm]:.4g}" for arm in (outcome["treated"], outcome["control"])
        )
        effect = f"{outcome['estimate']:+.4g} [{low:+.4g}, {high:+.4g}] {figures['unit']}: {arms}"
        first = (f"{figures['claim']} ({figures['source']})", figures["setting"]) if number == 0 else ("", "")
        cells = (*first, f"*{outcome['contrast']}*: {effect}", str(outcome["n"]), outcome["verdict"])
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return rows


def machines(paths: list[Path]) -> str:
    """On what it was measured."""
    told = set()
    for path in paths:
        result = json.loads(path.read_text())
        machine, versions = result["machine"], result["versions"]
        told.add(f"{machine['processor']}, {machine['cores']} cores, PyTorch {versions['torch']}")
    return f"Measured on {'; '.join(sorted(told))}, by `benchmarks/effects/run.py`.\n" if told else ""
