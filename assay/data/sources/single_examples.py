"""For an inspection: classes of a single example, which can not be both learnt and judged, are left out and told."""

from __future__ import annotations

from dataclasses import replace

import torch

from assay.data.examples import Examples
from assay.finding import Finding

NAMED = 20


def leave_singles_out(examples: Examples) -> Examples:
    """The examples of all other classes, with a finding; all of them where fewer than two classes would be left."""
    if examples.task != "classification" or len(examples) == 0:
        return examples
    counts = torch.bincount(examples.targets, minlength=len(examples.classes))
    single = counts == 1
    if not single.any() or int((counts > 1).sum()) < 2:
        return examples
    left = examples.at((~single)[examples.targets].nonzero().flatten().tolist())
    number = (~single).cumsum(0) - 1
    names = [name for name, alone in zip(examples.classes, single.tolist(), strict=True) if alone]
    ids = [examples.ids[row] for row in single[examples.targets].nonzero().flatten().tolist()]
    return replace(
        left,
        targets=number[left.targets],
        classes=tuple(name for name in examples.classes if name not in set(names)),
        findings=(*examples.findings, _say_singles(examples, names, ids)),
    )


def _say_singles(examples: Examples, names: list[str], ids: list[str]) -> Finding:
    count = f"{len(names):,} class{'es have' if len(names) > 1 else ' has'} a single example"
    return Finding(
        id="single_examples",
        level="proved",
        summary=f"Of {len(examples.classes):,} classes {count} and were left out, such as {names[0]!r} ({ids[0]}).",
        evidence={"count": len(names), "n": len(examples.classes), "classes": names[:NAMED], "ids": ids[:NAMED]},
        cause="A class is rare, its name is misspelt, or the target names examples rather than kinds of them.",
        fix="Add examples, join rare classes, or remove them: of one example a model can be taught or judged, not "
        "both, and a training refuses it.",
    )
