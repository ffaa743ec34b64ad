"""Killed at random moments and resumed, `assay train` ends with the weights of a training left alone.

Real processes, real signals. Checkpoints are written every 0.2 s instead of every 10, so that a
short training has many; nothing else differs from the command.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import torch
from child_processes import LIMIT_SECONDS, output_of, started, wait_for_end
from PIL import Image

from assay.artifact import FILE, digest_of, read_file
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.recipe_toml import write_recipe
from assay.tricks.average.ema import EMA
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.stopping.early_stopping import EarlyStopping

pytestmark = pytest.mark.slow

Start = Callable[..., subprocess.Popen[str]]

COMMAND = """
from assay.training.train import Training
Training.__init__.__kwdefaults__["checkpoint_seconds"] = 0.2
from assay.cli import main
main()
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    recipe = Recipe(ResNet(width=4), optimizer=SGD(0.02), batch_size=32, epochs=1)
    for trick in (
        Flip("alternating"), Crop(1), Cutout(2), Mixup(0.4), CutMix(), Dropout(0.2), OneCycle(momentum=(0.95, 0.85)),
        MixedPrecision("bf16"), EMA(0.98), EarlyStopping(patience_epochs=50),
    ):  # fmt: skip
        recipe = recipe | trick
    write_recipe(recipe, tmp_path / "recipe.toml")
    return tmp_path / "recipe.toml"


@pytest.fixture
def start(tmp_path: Path, recipe_file: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def start(source: str | Path, out: str, *options: str | int) -> subprocess.Popen[str]:
            arguments = ["train", source, "--recipe", recipe_file, "--out", tmp_path / out, "--device", "cpu", *options]
            return running.enter_context(started([sys.executable, "-c", COMMAND, *arguments]))

        yield start


def finished(process: subprocess.Popen[str]) -> str:
    """What it said; it must have ended well."""
    said = "".join(wait_for_end(process))
    assert process.returncode == 0, said
    return said


def digest(folder: Path) -> str:
    """Of every weight bit for bit, the specification and the recipe, after checking that it is true of them."""
    tensors, header = read_file(folder / FILE)
    assert len(tensors) > 10
    return digest_of(tensors, header)


def moment_of(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Until the file is written anew, or the process is done."""
    before, until = moment_of(path), time.monotonic() + LIMIT_SECONDS
    while moment_of(path) == before and process.poll() is None:
        if time.monotonic() > until:
            wait_for_end(process, 0.0)
        time.sleep(0.01)


def stop_at_random(process: subprocess.Popen[str], checkpoint: Path, chance: random.Random, how: int) -> str:
    """Any moment of start, training or the writing of a checkpoint; half of the time surely in training.

    Ctrl-C comes only in training: while libraries are imported it makes of them whatever they like.
    """
    if how == signal.SIGINT or chance.random() < 0.5:
        wait_for(checkpoint, process)
        time.sleep(chance.uniform(0.0, 0.8))
    else:
        time.sleep(chance.uniform(0.0, 4.0))
    process.send_signal(how)
    return "".join(wait_for_end(process))


@pytest.mark.parametrize(("how", "times"), [(signal.SIGKILL, 10), (signal.SIGINT, 4)])
def test_digits_stopped_at_random_moments(start: Start, tmp_path: Path, how: signal.Signals, times: int):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance, options = random.Random(seed), ("--epochs", 12, "--seed", seed)
    finished(start("digits", "alone", *options))
    said = ""
    model = tmp_path / "killed" / FILE
    for _ in range(times):
        process = start("digits", "killed", *options)
        said += stop_at_random(process, model.with_name("training.checkpoint"), chance, how)
        # The last stop may come when the model is written and nothing is left but to clear away and end.
        if process.returncode == 0 or model.exists():
            break
        assert process.returncode in (-how, 130), said
    else:
        process = start("digits", "killed", *options)
        said += finished(process)
    print(said)
    assert "goes on at step" in said, "no kill came in the middle of training"
    if process.returncode == 0:
        kept = ["curves.jsonl", FILE, "recipe.toml", "summary.json", "training.json"]
        assert sorted(path.name for path in model.parent.iterdir()) == kept, "the checkpoint is cleared away"
    assert digest(tmp_path / "killed") == digest(tmp_path / "alone")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """90 noisy PNGs of three classes."""
    generator = torch.Generator().manual_seed(0)
    for number in range(90):
        name = ("dark", "grey", "bright")[number % 3]
        pixels = torch.randint(60 * (number % 3), 60 * (number % 3) + 120, (12, 12, 3), generator=generator)
        path = tmp_path / "images" / name / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.to(torch.uint8).numpy()).save(path)
    return tmp_path / "images"


def test_killed_with_workers_it_ends_like_a_training_from_memory(start: Start, folder: Path, tmp_path: Path):
    """Each sitting decodes the files with another number of workers."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance, options = random.Random(seed), ("--epochs", 40, "--seed", seed)
    finished(start(folder, "memory", *options))
    said = ""
    for workers in (2, 1):
        process = start(folder, "killed", *options, "--memory-limit", 0, "--workers", workers)
        said += stop_at_random(process, tmp_path / "killed" / "training.checkpoint", chance, signal.SIGKILL)
        if process.returncode == 0:
            break
    else:
        said += finished(start(folder, "killed", *options, "--memory-limit", 0))
    print(said)
    assert digest(tmp_path / "killed") == digest(tmp_path / "memory")


UNTOUCHED = """
import random
import numpy as np, torch
from assay.data.open import open_data
from assay.recipe_toml import read_recipe
from assay.training.train import train
import sys

random.seed(1), np.random.seed(2), torch.manual_seed(3)
states = random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()
data = open_data(sys.argv[1], memory_limit_bytes=0)
assert not data.train.in_memory
train(read_recipe(sys.argv[2]), data, workers=int(sys.argv[3]))
assert states == (random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist())
"""


@pytest.mark.parametrize("workers", [0, 2])
def test_no_global_random_state_is_touched(folder: Path, recipe_file: Path, workers: int):
    """In a process of its own: the type checker of the tests draws from Python's. Its last line asserts, and
    `output_of` wants it to end well.
    """
    output_of([sys.executable, "-c", UNTOUCHED, folder, recipe_file, workers])
