"""Formats, modes, sizes and shapes of files that go with a class: a network learns them instead of the subject.

    phi = (p11 p00 - p10 p01) / sqrt(p1. p0. p.1 p.0)

of a class and a trait of its files: of numbers, the traits are to lie up to each of their deciles. Its chance is that
of Fisher's exact test, times the number of pairs that were looked at. Scaling does not remove such cues: small files
are blurred, print colours are pale, transparency turns white, another format leaves other traces. Files of training
and validation are asked, not test.

Source: Torralba and Efros 2011, Unbiased look at dataset bias; Fisher 1922 (exact test).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from assay.audit.files.listing import Listing
from assay.audit.files.mixed_modes import describe_mode
from assay.figure import Table
from assay.finding import Finding

LEAST = 30
CHANCE = 1e-3
TOLD, STRONG = 0.2, 0.5  # phi from which it is told, and an alert; this audit's own
FEW = 5  # files with a trait, and in a class, of which nothing can be said
SHOWN = 12
SOURCE = "Torralba and Efros 2011, Unbiased look at dataset bias"


@dataclass(frozen=True)
class Trait:
    """What holds of some files: `format PNG`, `width up to 64`."""

    kind: str
    words: str
    holds: Bool[np.ndarray, " n"]


@dataclass(frozen=True)
class Cue:
    """A trait that goes with a class: its share in the class and in the others."""

    trait: Trait
    label: int
    phi: float
    inside: float
    outside: float


def find_cues(files: Listing, classes: tuple[str, ...]) -> list[Finding]:
    """`suspect` where a trait of files all but names a class; a note where it goes with one."""
    judged = (files.splits != "test") & (files.targets >= 0) & (files.targets < len(classes))
    traits = [Trait(t.kind, t.words, t.holds[judged]) for t in traits_of(files)]
    traits = [trait for trait in traits if FEW <= int(trait.holds.sum()) <= len(trait.holds) - FEW]
    if judged.sum() < LEAST or not traits or len(classes) < 2:
        return []
    cues = strongest_of(traits, files.targets[judged], len(classes))
    return [_finding(cues, classes, int(judged.sum()))] if cues else []


def traits_of(files: Listing) -> Iterator[Trait]:
    """Everything that is asked of files."""
    words = {
        "format": files.values(lambda header: header.format),
        "mode": files.values(describe_mode),
        "orientation": files.values(lambda header: f"EXIF {header.orientation}"),
        "transparency": files.values(lambda header: "with" if header.has_alpha else "without"),
    }
    for kind, values in words.items():
        for value in np.unique(values):
            yield Trait(kind, f"{kind} {value}", values == value)
    heights, widths = files.values(lambda header: header.height), files.values(lambda header: header.width)
    for kind, values in {"size": np.sqrt(heights * widths), "aspect": widths / heights}.items():
        for limit in np.unique(np.quantile(values, np.arange(1, 10) / 10, method="lower")):
            said = f"size up to {limit:.0f} pixels a side" if kind == "size" else f"width / height up to {limit:.3g}"
            yield Trait(kind, said, values <= limit)


def strongest_of(traits: list[Trait], targets: Int[np.ndarray, " n"], classes: int) -> list[Cue]:
    """Of each kind of trait and class the strongest cue that is beyond chance, the strongest first."""
    n, members = len(targets), np.bincount(targets, minlength=classes)
    both = np.stack([np.bincount(targets[trait.holds], minlength=classes) for trait in traits])
    marked = both.sum(axis=1, keepdims=True)
    spread = np.sqrt(marked * (n - marked) * (members * (n - members)).astype(float))
    phi = (n * both - marked * members) / np.maximum(spread, 1.0)
    asked = (members >= FEW) & (members <= n - FEW)
    far = np.argwhere((np.abs(phi) >= TOLD) & asked)
    chance = _chance_of(both[tuple(far.T)], marked[far[:, 0], 0], members[far[:, 1]], n) * len(traits) * asked.sum()
    best = dict[tuple[str, int], Cue]()
    for trait, label in far[chance < CHANCE].tolist():
        inside = both[trait, label] / members[label]
        outside = (marked[trait, 0] - both[trait, label]) / (n - members[label])
        cue = Cue(traits[trait], label, float(phi[trait, label]), float(inside), float(outside))
        key = traits[trait].kind, label
        if key not in best or abs(cue.phi) > abs(best[key].phi):
            best[key] = cue
    return sorted(best.values(), key=lambda cue: (-abs(cue.phi), cue.label))


def _chance_of(both: np.ndarray, marked: np.ndarray, members: np.ndarray, n: int) -> Float[np.ndarray, " pairs"]:
    """Of so many or more, or of so few or fewer, common files, were trait and class independent."""
    from scipy.stats import hypergeom

    more, fewer = hypergeom.sf(both - 1, n, marked, members), hypergeom.cdf(both, n, marked, members)
    return np.minimum(1.0, 2 * np.minimum(more, fewer))


def _finding(cues: list[Cue], classes: tuple[str, ...], n: int) -> Finding:
    worst, strong = cues[0], [cue for cue in cues if abs(cue.phi) >= STRONG]
    kinds = sorted({cue.trait.kind for cue in strong or cues})
    rows = tuple(
        (classes[cue.label], cue.trait.words, f"{cue.inside:.1%}", f"{cue.outside:.1%}", f"{cue.phi:.2f}")
        for cue in cues[:SHOWN]
    )
    return Finding(
        "file_cues",
        "suspect" if strong else "note",
        f"Files tell their class by their {', '.join(kinds)}: {worst.trait.words} holds for {worst.inside:.1%} of "
        f"class {classes[worst.label]!r} and {worst.outside:.1%} of the others (n={n:,} files outside test).",
        evidence={
            "n": n, "limit": STRONG, "cues": len(cues),
            "worst": [{"class": classes[cue.label], "trait": cue.trait.words, "inside": cue.inside,
                       "outside": cue.outside, "phi": cue.phi} for cue in cues[:SHOWN]],
        },
        cause="Classes were collected from different sources, or saved by different programs.",
        fix="Bring all classes to one format, mode and size before training, from originals of like quality; then see "
        "whether the score holds on files of another source.",
        source=SOURCE,
        figures=(Table("Traits of files that go with a class", ("class", "trait", "in it", "in others", "phi"), rows),),
    )  # fmt: skip
