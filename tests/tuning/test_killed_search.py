"""A search whose process is killed outright, again and again, ends as one that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import math, os, signal, sys
from pathlib import Path

from assay.budget import Budget
from assay.data.open import open_data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.store.store import Store, url_of_file
from assay.training.train import Training
from assay.tuning.halving import halve
from assay.tuning.search import Bench, search, try_all
from assay.tuning.space import Span
from assay.tuning.strategy import random_search, random_settings, tpe
from assay.stages.tuning_watch import trainer_of

kind, folder, die_at = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
steps, own_steps = 0, Training.__iter__

def dying(self):
    global steps
    for step in own_steps(self):
        yield step
        steps += 1
        if steps == die_at:
            self.save()
            os.kill(os.getpid(), signal.SIGKILL)

Training.__iter__ = dying
data = open_data("digits", limit=200)
recipe = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=32, epochs=4)
space = {"learning_rate": Span(1e-4, 1e-1, log=True), "weight_decay": Span(1e-5, 1e-1, log=True)}
store = Store(url_of_file(folder / "assay.db"))
session = Session(store, store.open_run("search", {}), folder, Budget(math.inf), lambda progress: None)
bench = Bench(recipe, data, trainer=trainer_of(session))
if kind == "tpe":
    found = search(bench, tpe(space, 0), trials=13)
elif kind == "random":
    found = try_all(bench, random_search(space, 0), trials=13)
else:
    found = halve(bench, [random_settings(number, space, 0) for number in range(1, 10)])
assert not list(folder.rglob("*.checkpoint"))
print([(one.settings, one.value, one.loss, one.pruned, one.share) for one in found], steps)
"""


def run(kind: str, folder: Path, die_at: int) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.run([sys.executable, "-c", PROGRAM, kind, str(folder), str(die_at)], cwd=ROOT, text=True,
                          capture_output=True, timeout=240, env=os.environ | {"OMP_NUM_THREADS": "1"})  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["random", "tpe", "halving"])
def test_killed_outright_three_times(kind: str, tmp_path: Path) -> None:
    for die_at in (7, 20, 15):
        assert run(kind, tmp_path / "killed", die_at).returncode == -signal.SIGKILL
    resumed, undisturbed = run(kind, tmp_path / "killed", 0), run(kind, tmp_path / "alone", 0)
    assert resumed.returncode == undisturbed.returncode == 0, resumed.stderr
    told, alone = (process.stdout.rpartition(" ") for process in (resumed, undisturbed))
    assert told[0] == alone[0]
    assert 0 < int(told[2]) < int(alone[2])
