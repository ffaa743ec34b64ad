"""Planted faults: what `assay inspect` finds in data sets drawn at random, and what it claims of their clean siblings.

Each audit is of a data set of its own (pictures, signals, vectors or a table; real or synthetic; of random size,
classes, division and form on disk), with one fault, and of the same data without it. A fault is found when a finding
of an id that was declared for it beforehand is `suspect` or `proved` (or, where a source is refused for it, when the
refusal names the place); a clean sibling with any `suspect` or `proved` is a false alarm.

    bench_planted.py --seed 400                    200 audits and 200 of clean siblings
    bench_planted.py --only cue_border leak        for those who mend a check; writes no record
    bench_planted.py --list

Asked: recall at least .95, at most 2 % of clean audits with a false `suspect` or `proved`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from machine import Record
from planted_fault import Drawn, Fault, draw_clean
from planted_faults import FAULTS

from assay.audit.inspect import inspect
from assay.data.open import open_data
from assay.errors import InputError
from assay.intervals import wilson_interval


def main() -> None:
    options = _options()
    if options.list:
        for fault in FAULTS:
            print(f"{fault.name:20s} {', '.join(fault.right) or 'refused'}: {fault.words}")
        return
    faults = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    record = Record("planted-faults", "recall >= .95; clean audits with an alert <= .02",
                    seed=options.seed, audits=options.audits, faults=len(faults))  # fmt: skip
    rows = []
    for number in range(options.audits):
        rows.append(audit_pair(faults[number % len(faults)], options.seed, number))
        print(f"  {number + 1:3d}/{options.audits} {told(rows[-1])}", flush=True)
    figures = summarise(rows)
    show(figures)
    if not options.only:
        record.write(figures)


def audit_pair(fault: Fault, seed: int, number: int) -> dict[str, Any]:
    """The data with the fault and without it."""
    chance = np.random.default_rng((seed, number))
    clean = draw_clean(fault, chance)
    sick = fault.plant(clean, chance)
    about = {"fault": fault.name, "kind": clean.kind, "n": len(clean), "divided": clean.parts is not None}
    sick_alerts, refusal, seconds = audit(sick)
    clean_alerts, clean_refusal, clean_seconds = audit(clean)
    by_refusal = bool(refusal) and bool(fault.refused) and fault.refused in refusal
    return {**about, "right": fault.right, "alerts": list(sick_alerts), "refusal": refusal, "by_refusal": by_refusal,
            "found": by_refusal or bool(set(fault.right) & set(sick_alerts)), "clean_alerts": clean_alerts,
            "clean_refusal": clean_refusal, "seconds": seconds, "clean_seconds": clean_seconds}  # fmt: skip


def audit(drawn: Drawn) -> tuple[dict[str, str], str, float]:
    """What is proved or suspect, by its id; the refusal, if it came to that; and the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source, options = drawn.write(Path(folder))
        started = time.perf_counter()
        try:
            report = inspect(open_data(source, **options))
        except InputError as error:
            return {}, str(error).replace(folder, ""), time.perf_counter() - started
    return {alert.id: alert.summary[:200] for alert in report.alerts}, "", time.perf_counter() - started


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares with their Wilson intervals, and by name what was missed and what was claimed falsely."""
    n, found = len(rows), sum(row["found"] for row in rows)
    false = [row for row in rows if row["clean_alerts"] or row["clean_refusal"]]
    return {
        "recall": {"share": found / n, "hits": found, "n": n, "interval": wilson_interval(found, n),
                   "by_refusal": sum(row["by_refusal"] for row in rows)},
        "clean_with_an_alert": {"share": len(false) / n, "hits": len(false), "n": n,
                                "interval": wilson_interval(len(false), n)},
        "missed": dict(Counter(row["fault"] for row in rows if not row["found"])),
        "false_alarms": [{key: row[key] for key in ("fault", "kind", "n", "clean_alerts", "clean_refusal")}
                         for row in false],
        "other_alerts_on_planted": dict(Counter(name for row in rows for name in row["alerts"]
                                                if name not in row["right"])),
        "median_seconds": float(np.median([row["seconds"] for row in rows])),
        "largest_seconds": max(max(row["seconds"], row["clean_seconds"]) for row in rows),
        "rows": rows,
    }  # fmt: skip


def told(row: dict[str, Any]) -> str:
    """One line for a person."""
    verdict = "found" if row["found"] else f"MISSED ({', '.join(row['alerts']) or row['refusal'] or 'quiet'})"
    false = f"  FALSE ALARM {row['clean_alerts'] or row['clean_refusal']}" if (
        row["clean_alerts"] or row["clean_refusal"]) else ""  # fmt: skip
    return f"{row['fault']:20s} {row['kind']:9s} n={row['n']:5d} {row['seconds']:5.1f} s  {verdict}{false}"


def show(figures: dict[str, Any]) -> None:
    """The figures that were asked for."""
    for name in ("recall", "clean_with_an_alert"):
        value = figures[name]
        low, high = value["interval"]
        print(f"  {name:20s} {value['share']:.3f} [{low:.3f}, {high:.3f}], {value['hits']} of {value['n']}")
    print(f"  by refusal: {figures['recall']['by_refusal']}; missed: {figures['missed']}")
    print(f"  median {figures['median_seconds']:.2f} s an audit, largest {figures['largest_seconds']:.1f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=400)
    parser.add_argument("--audits", type=int, default=200)
    parser.add_argument("--only", nargs="*", default=[], help="faults by name")
    parser.add_argument("--list", action="store_true", help="what there is")
    return parser.parse_args()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
