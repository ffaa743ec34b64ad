"""Do the published effects appear? Small reproductions on two CPU cores, reported whether or not they confirm.

    python benchmarks/effects/run.py                # all of them, each under four minutes
    python benchmarks/effects/run.py mixup warmup   # some
    python benchmarks/effects/run.py --table        # write docs/effects.md from the results that are there

Each writes `benchmarks/results/effect-<name>.json`: the claim, every arm on every seed, every contrast.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from effect import Effect, compare, outcome_to_dict  # noqa: E402
from machine import Record  # noqa: E402
from table import write_table  # noqa: E402

PARTS = {"effect", "run", "table", "subjects", "vibration"}
"""Files here that are no effect."""


def effects() -> dict[str, Effect]:
    """Every effect, by the name of its file."""
    names = sorted(path.stem.replace("_", "-") for path in HERE.glob("*.py") if path.stem not in PARTS)
    return {name: importlib.import_module(name.replace("-", "_")).EFFECT for name in names}


def reproduce(effect: Effect, seeds: int) -> None:
    """Train all arms on all seeds, print and write."""
    record = Record(f"effect-{effect.name}", effect.claim, threads=torch.get_num_threads(), seeds=seeds)
    started, rows = time.perf_counter(), []
    for seed in range(seeds):
        rows.append(dict(effect.measure(seed)))
        shown = ", ".join(f"{arm} {value:.4f}" for arm, value in rows[-1].items())
        print(f"    seed {seed}: {shown} ({time.perf_counter() - started:.0f} s)", flush=True)
    outcomes = [compare(contrast, rows) for contrast in effect.contrasts]
    for outcome in outcomes:
        print(f"  {outcome.contrast.name}: {outcome.estimate:+.4f} [{outcome.low:+.4f}, {outcome.high:+.4f}] "
              f"{effect.unit} (95 %, n = {outcome.n}): {outcome.verdict}")  # fmt: skip
    record.write({
        "claim": effect.claim, "source": effect.source, "setting": effect.setting, "unit": effect.unit,
        "higher_is_better": effect.higher_is_better, "seconds": time.perf_counter() - started, "seeds": rows,
        "means": {arm: statistics.fmean(row[arm] for row in rows) for arm in rows[0]},
        "outcomes": [outcome_to_dict(outcome) for outcome in outcomes],
    })  # fmt: skip


def main() -> None:
    known = effects()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(known)}")
    parser.add_argument("--seeds", type=int, default=None, help="paired seeds; each effect's own number without it")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="only write the table in the docs")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no effect called {', '.join(unknown)}; known are {', '.join(known)}")
    torch.set_num_threads(options.threads)
    if not options.table:
        for name in options.names or known:
            reproduce(known[name], options.seeds or known[name].seeds)
    write_table()


if __name__ == "__main__":
    main()
