"""100,000 finished trials in one database: how long a listing and the best of them take, in SQLite and PostgreSQL.

    python benchmarks/ablation/bench_listing.py --repeats 21

Each trial has a result of --bytes (a digits' trial with every answer has about 4,000). Timed is what `assay runs
trials` does: connect, ask, and have the rows; and the command itself, its imports and its table included. PostgreSQL
is started and stopped here, as a user of its own where this is the superuser.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record
from postgresql import own_cluster
from processes import ASSAY
from sqlalchemy import insert

from assay.store.listing import Wanted, best_trials, count_trials, newest_trials
from assay.store.store import Store
from assay.store.tables import TrialRow

SEED = 500
TRICKS = ("Mixup(alpha=0.2)", "LabelSmoothing(smoothing=0.1)", "EMA(decay=0.999)", "Cosine()", "CutMix()")
CHUNK = 1000
ASKED = "listing and best-of under 1 s with 100,000 trials"
QUESTIONS: dict[str, Callable[[str], Any]] = {
    "newest 50": lambda url: newest_trials(url, 50),
    "best 10": lambda url: best_trials(url, 10),
    "best 10 of one source": lambda url: best_trials(url, 10, Wanted(source="digits")),
    "newest 50 with a trick": lambda url: newest_trials(url, 50, Wanted(trick="CutMix")),
    "newest with a trick that none has": lambda url: newest_trials(url, 50, Wanted(trick="Telepathy")),
    "best 10 of one source with a trick": lambda url: best_trials(url, 10, Wanted("digits", "CutMix")),
    "number of trials": count_trials,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--bytes", type=int, default=4000)
    options = parser.parse_args()
    record = Record("listing", ASKED, packages=("sqlalchemy", "psycopg"), trials=options.trials,
                    repeats=options.repeats, bytes=options.bytes, seed=SEED)  # fmt: skip
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, opened in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            with opened(Path(folder)) as url:
                fill(url, options.trials, options.bytes)
                rows += [row_of(name, question, ask, url, options.repeats) for question, ask in QUESTIONS.items()]
                rows.append(row_of(name, "assay runs trials", command, url, 5))
    record.write({"rows": rows, "slowest_median_seconds": max(row["median_seconds"] for row in rows)})


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    with own_cluster() as cluster:
        yield cluster.url


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'trials.db'}"


def fill(url: str, trials: int, size: int) -> None:
    """Results are of random text: nothing of it may be read, and nothing in it compresses."""
    random.seed(SEED)
    store, started = Store(url), time.perf_counter()
    began = datetime.now(UTC)
    for start in range(0, trials, CHUNK):
        rows = [trial(number, began, size) for number in range(start, min(start + CHUNK, trials))]
        with store.engine.begin() as connection:
            connection.execute(insert(TrialRow), rows)
    store.close()
    print(f"  {trials:,} trials written in {time.perf_counter() - started:.0f} s")


def trial(number: int, began: datetime, size: int) -> dict[str, Any]:
    tricks = " | ".join(random.sample(TRICKS, 3))
    source, value = random.choice(("digits", "fashion-mnist", "photos")), random.random()
    result = {"seed": number, "value": value, "loss": 1.0, "seconds": 2.0, "n": 360, "steps": 240,
              "example_scores": random.randbytes(size // 2).hex()}  # fmt: skip
    return {
        "key": f"{number:016x}-{source}-{number}-1-2.13-cpu", "stage": "ablate", "recipe": {"tricks": tricks},
        "description": f"ConvNet(widths=(32, 64, 128)), AdamW(learning_rate={value:.4g}), batch 64 | {tricks}",
        "result": result, "finished": began + timedelta(seconds=number), "source": source, "data": source,
        "seed": number, "value": value, "loss": 1.0, "seconds": 2.0,
    }  # fmt: skip


def row_of(name: str, question: str, ask: Callable[[str], Any], url: str, repeats: int) -> dict[str, Any]:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        ask(url)
        taken.append(time.perf_counter() - started)
    row = {"database": name, "question": question, "median_seconds": statistics.median(taken),
           "slowest_seconds": max(taken), "n": repeats}  # fmt: skip
    print(f"  {name}, {question}: median {1000 * row['median_seconds']:.1f} ms, slowest "
          f"{1000 * row['slowest_seconds']:.1f} ms (n = {repeats})", flush=True)  # fmt: skip
    return row


def command(url: str) -> None:
    subprocess.run([str(ASSAY), "runs", "trials", "--best", "10"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env=os.environ | {"ASSAY_DATABASE": url})  # fmt: skip


if __name__ == "__main__":
    main()
