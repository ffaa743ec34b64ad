"""Stage 1, become one with the data: what is in it, and what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from assay.audit.audit import Audit
from assay.audit.class_balance import check_class_balance
from assay.audit.class_cues import find_class_cues
from assay.audit.conflicting_labels import find_conflicting_labels
from assay.audit.counts import count_examples, splits_of
from assay.audit.dependence.dependent_examples import dependence_not_asked, find_dependent_examples
from assay.audit.drift import find_drift
from assay.audit.duplicate_columns import find_duplicate_columns
from assay.audit.duplicates import find_duplicates
from assay.audit.equal_groups import EqualGroups, group_equals
from assay.audit.example_table import make_table
from assay.audit.files.inspect_files import inspect_files
from assay.audit.label_drift import find_label_drift
from assay.audit.name_cues import find_name_cues
from assay.audit.odd_images import find_odd_images
from assay.audit.regression_targets import describe_targets
from assay.audit.scan import Scan, scan
from assay.audit.signals.find_signal_faults import find_signal_faults
from assay.audit.signals.odd_signals import find_odd_signals
from assay.audit.single_columns import ask_single_columns
from assay.audit.size_rules import apply_size_rules
from assay.audit.small_images import check_image_size
from assay.audit.statistics import describe_inputs
from assay.audit.texts.inspect_texts import inspect_texts
from assay.audit.thumbnails import show_examples
from assay.data.data import Data
from assay.data.open import as_data
from assay.finding import Finding, Report, Skipped
from assay.saying import Say, silent

READING_SHARE = 0.8
"""Of the budget; the rest is for grouping, pictures and the last chunk of each split."""


def inspect(
    data: Data | str | Path | Dataset[Any], *, budget_seconds: float = 60, seed: int = 0, say: Say = silent
) -> Audit:
    """Inspect the data as it lies, without a model; it is read and never changed.

    Everything held in memory is read. Inputs that are decoded from files are read until their share
    of the budget is spent; what was left unread is said, and every number comes with its n.

    Args:
        data: what `assay.open_data` gave, or anything that it takes; such a source is opened as an inspection does:
            what a training would refuse is left out and told.
        budget_seconds: time for reading and thinking together, above 0.
        seed: chooses the thumbnails and the order in which files are read.
        say: is told of the work as it goes on.
    Raises:
        InputError: a source cannot be read.
        ValueError: the budget is not positive, or all splits are empty.
    """
    if not budget_seconds > 0:
        raise ValueError(f"budget_seconds must be above 0, got {budget_seconds}; the usual value is 60")
    from assay.audit.similar.compare import compare_examples

    started = time.perf_counter()
    data = as_data(data, seed=seed, tolerant=True)
    total = sum(map(len, splits_of(data).values()))
    if total == 0:
        raise ValueError(f"data must hold at least one example, but all splits of {data.name!r} are empty")
    scans = {
        name: scan(split, texts=data.texts, seconds=READING_SHARE * budget_seconds * len(split) / total, seed=seed,
                   say=say)
        for name, split in splits_of(data).items()
        if len(split)
    }  # fmt: skip
    read = time.perf_counter()
    left = max(0.0, started + budget_seconds - read)
    say("looks for what is wrong", 0.0)
    equals = group_equals(scans)
    table = make_table(data, equals)
    findings = [*data.findings, *_findings(data, scans, equals, seed, left / 2), *find_odd_images(data, scans, table)]
    findings += [*find_odd_signals(data, table), *inspect_files(data, table), *inspect_texts(data)]
    left = started + budget_seconds - time.perf_counter()
    left -= _reading_again(data, read - started)
    compared = compare_examples(data, equals, table, seconds=left, seed=seed, say=say)
    findings, skipped = (
        (*findings, *compared.findings),
        (*_unread(scans), *dependence_not_asked(scans), *compared.skipped),
    )
    return Audit(Report("inspect", findings, skipped, time.perf_counter() - started), compared.table)


def _findings(data: Data, scans: Mapping[str, Scan], equals: EqualGroups, seed: int, seconds: float) -> list[Finding]:
    return [
        *show_examples(data, seed=seed),
        *count_examples(data, scans),
        *check_image_size(data),
        *check_class_balance(data),
        *describe_targets(data),
        *describe_inputs(data, scans),
        *find_signal_faults(data, scans),
        *find_duplicates(data, equals),
        *find_conflicting_labels(data, equals),
        *find_duplicate_columns(data, scans),
        *ask_single_columns(data, scans, seconds=seconds),
        *find_drift(data, scans),
        *find_label_drift(data),
        *find_class_cues(data, scans),
        *find_name_cues(data),
        *find_dependent_examples(data, scans),
        *apply_size_rules(data),
    ]


def _reading_again(data: Data, seconds: float) -> float:
    """What it takes to read all inputs once more: nothing in memory, else what it took the first time."""
    return 0.0 if all(split.in_memory for split in splits_of(data).values()) else seconds


def _unread(scans: Mapping[str, Scan]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(
            f"duplicates_in_all_of_{name}",
            f"read {len(scan):,} of {len(scan.split):,} {name} examples, chosen at random, within the time; "
            "give a larger budget to see the rest",
        )
        for name, scan in scans.items()
        if not scan.is_complete
    )
