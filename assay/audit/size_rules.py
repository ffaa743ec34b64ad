"""Rules of thumb on size: is there enough to learn from, and enough to be judged by?

Each is a note, for rules of thumb prove nothing: measurement, rule, what to do, source.
"""

from __future__ import annotations

import torch

from assay.data.data import Data
from assay.finding import Finding
from assay.intervals import wilson_interval

EXAMPLES_PER_CLASS = 5_000
VALIDATION_SHARE = 0.2
SMALL_DATA = 100_000
NOTES = "Macaluso 2018, Deep Learning Rules of Thumb"
BOOK = "Goodfellow, Bengio and Courville 2016, Deep Learning"


def apply_size_rules(data: Data) -> list[Finding]:
    """H1 (examples per class), H5 (validation share), H6 (k-fold on little data)."""
    if len(data.train) == 0:
        return []
    return [*_examples_per_class(data), _validation_share(data), *_cross_validation(data)]


def _examples_per_class(data: Data) -> list[Finding]:
    classes = data.specification.classes
    if not classes:
        return []
    targets = data.train.targets
    counts = torch.bincount(targets[(targets >= 0) & (targets < len(classes))].long(), minlength=len(classes))
    fewest, n = int(counts.min()), len(targets)
    below = int((counts < EXAMPLES_PER_CLASS).sum())
    verdict = f"{below} of {len(classes)} classes have fewer" if below else "every class has that many"
    fix = (
        "Augment, start from pretrained weights, or collect more: `assay learning-curve` measures what more would "
        "bring. Easy problems need far fewer."
    )
    return [
        Finding(
            "examples_per_class",
            "note",
            f"About {EXAMPLES_PER_CLASS:,} labelled examples per class give acceptable performance; here {verdict} "
            f"(fewest {fewest:,}, n={n:,}).",
            evidence={"rule": "H1", "limit": EXAMPLES_PER_CLASS, "fewest": fewest, "classes_below": below, "n": n},
            fix=fix if below else "",
            source=f"{BOOK}, section 1.2.2; {NOTES}, chapter 1 (H1)",
        )
    ]


def _validation_share(data: Data) -> Finding:
    train, validation = len(data.train), len(data.validation)
    share = validation / (train + validation)
    precision = ""
    if data.specification.task == "classification" and validation:
        low, high = wilson_interval(round(0.9 * validation), validation)
        precision = f" An accuracy of .9 on it is known to ± {(high - low) / 2:.3f} (95 %)."
    away = abs(share - VALIDATION_SHARE) > VALIDATION_SHARE / 4
    return Finding(
        "validation_share",
        "note",
        f"Validation holds {share:.1%} of what is not test (n={validation:,} of {train + validation:,}); "
        f"usual is {VALIDATION_SHARE:.0%}.{precision}",
        evidence={"rule": "H5", "share": share, "usual": VALIDATION_SHARE, "n": validation},
        fix="Change the share, unless the splits were given: fewer validation examples blur every comparison, more "
        "leave less to learn from." if away else "",
        source=f"{BOOK}, section 5.3; {NOTES}, chapter 5 (H5)",
    )  # fmt: skip


def _cross_validation(data: Data) -> list[Finding]:
    n = len(data.train) + len(data.validation)
    if n >= SMALL_DATA:
        return []
    return [
        Finding(
            "cross_validation",
            "note",
            f"With {n:,} examples outside test, fewer than {SMALL_DATA:,}, k-fold cross-validation judges better than "
            "one split.",
            evidence={"rule": "H6", "n": n, "limit": SMALL_DATA},
            fix="Where a decision is close, train on several folds and compare pairs; a wide interval says when.",
            source=f"{NOTES}, chapter 5 (H6): the number is the note's; {BOOK}, section 5.3.1, says only 'too small'",
        )
    ]
