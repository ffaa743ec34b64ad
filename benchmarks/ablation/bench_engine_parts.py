"""What the engine of a study costs beside its trainings, part by part, in seconds of the processor.

Seconds of the processor are hardly lengthened by others on the machine, so this tells of a busy one what
bench_trick_study.py tells of a quiet one: what a command takes once (imports, data, the first network, speed, the
costs of twelve tricks), what every training takes beside its steps (network, judging, database, checkpoint), and from
both the least time of trainings with which a study of two commands and 130 trainings stays within 1.15 of it. Digits,
one thread. Waiting for the disk is not in it.

    bench_engine_parts.py [--epochs 8] [--trainings 8]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record

COMMANDS, TRAININGS, TRICKS = 2, 130, 12
ASKED = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--epochs", type=float, default=8.0, help="of each training")
    parser.add_argument("--trainings", type=int, default=8)
    options = parser.parse_args()
    record = Record("engine-parts", "overhead of a study <= 15 % of its trainings", epochs=options.epochs,
                    trainings=options.trainings, threads=1)  # fmt: skip
    once = parts_of_a_command()
    each = overhead_of_a_training(options.epochs, options.trainings)
    per_command = sum(once.values()) + TRICKS * once["cost of a recipe"]
    at_20_minutes = 1200 / (1200 - COMMANDS * per_command - TRAININGS * each["beside"])
    least = (COMMANDS * per_command + TRAININGS * each["beside"]) / (ASKED - 1)
    figures = {
        "once": {name: round(seconds, 3) for name, seconds in once.items()}, "per_command": round(per_command, 2),
        "per_training": {name: round(seconds, 4) for name, seconds in each.items()},
        "least_seconds_of_trainings_within_1.15": round(least, 1), "ratio_at_20_minutes": round(at_20_minutes, 3),
    }  # fmt: skip
    steps, beside = each["steps"], 1000 * each["beside"]
    print(f"  a command {per_command:.1f} s; a training {steps:.2f} s, beside it {beside:.0f} ms; "
          f"within {ASKED} from {least:.0f} s of trainings")  # fmt: skip
    record.write(figures)


def parts_of_a_command() -> dict[str, float]:
    """What is done once, in its order: a later part finds imported what an earlier one needed."""
    parts: dict[str, float] = {}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import torch"], check=True)  # here it is imported already
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    parts["Python and torch"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    __import__("torch").set_num_threads(1)
    _spend(parts, "program", lambda: (__import__("assay.cli.ablate"), __import__("assay.stages.study")))
    from assay.ablation.costs import measure_cost
    from assay.data.open import open_data
    from assay.planning import measure_speed
    from assay.training.train import Training

    data = _spend(parts, "data", lambda: open_data("digits"))
    recipe = plain_recipe(data, 2.0)
    _spend(parts, "first network", lambda: Training(recipe, data, evaluations=1))
    _spend(parts, "speed", lambda: measure_speed(recipe, data))
    _spend(parts, "cost of a recipe", lambda: measure_cost(recipe, data, places=2, in_a_row=2))
    return parts


def overhead_of_a_training(epochs: float, trainings: int) -> dict[str, float]:
    """Means over trainings through a session, after one that warms."""
    import assay.training.train
    from assay.budget import Budget
    from assay.data.open import open_data
    from assay.stages.session import Session
    from assay.store.store import Store

    # Trainings count the processor's seconds too; nothing else of the clock is used there.
    assay.training.train.time = types.SimpleNamespace(perf_counter=time.process_time)  # pyright: ignore[reportAttributeAccessIssue]
    data = open_data("digits")
    recipe = plain_recipe(data, epochs)
    with tempfile.TemporaryDirectory() as name:
        store = Store(f"sqlite:///{name}/assay.db")
        session = Session(store, store.open_run("bench", {}), Path(name), Budget(1e6), lambda progress: None)
        measure = session.measure_on(data)
        measure(recipe, 0)
        started = time.process_time()
        steps = sum(measure(recipe, seed).seconds for seed in range(1, trainings + 1))
        whole = time.process_time() - started
        store.close()
    return {"steps": steps / trainings, "beside": (whole - steps) / trainings}


def plain_recipe(data: Any, epochs: float) -> Any:
    """The baseline that the command takes."""
    from assay.defaults import baseline_recipe

    return baseline_recipe(data.specification, len(data.train), epochs=epochs)


def _spend(parts: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    started = time.process_time()
    result = work()
    parts[name] = time.process_time() - started
    return result


if __name__ == "__main__":
    main()
