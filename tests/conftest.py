"""What every test may rely on: shapes are checked, torch uses one thread, and two tiny data sets.

The import hook must be in place before `assay` is imported for the first time, so it comes before
anything else here.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import jaxtyping

# The tower lets an int stand where a float is asked for, as every type checker does.
TYPE_CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
jaxtyping.install_import_hook("assay", TYPE_CHECKER)

import hypothesis  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

from assay.data.data import Data  # noqa: E402
from assay.data.encoders import ArrayEncoder  # noqa: E402
from assay.data.specification import Normalization, Specification  # noqa: E402
from assay.data.split import Split  # noqa: E402

torch.set_num_threads(1)

# A busy machine must not fail a test: nothing here is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine cannot run."""
    missing = {
        "gpu": "" if torch.cuda.is_available() else "no CUDA device",
        "browser": "" if any(map(shutil.which, CHROMIUMS)) else "no chromium on the path",
        "cluster": "" if importlib.util.find_spec("ray") else "Ray is not installed",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Fixtures are no doctests; collected as such, the conftest.py of one folder hides that of another."""
    return True if collection_path.name == "conftest.py" else None


@pytest.fixture(autouse=True)
def same_draws_in_every_run() -> None:
    """What a test draws from torch's global state is the same alone and in the suite, so a failure can be repeated."""
    torch.manual_seed(0)


@pytest.fixture
def random_state_untouched() -> Iterator[None]:
    """Fail the test when torch's or numpy's global random state differs after it."""
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()
    yield
    torch_same = torch.equal(torch_before, torch.get_rng_state())
    numpy_same = all(np.array_equal(a, b) for a, b in zip(numpy_before, np.random.get_state(), strict=True))
    assert torch_same, "the test changed torch's global random state"
    assert numpy_same, "the test changed numpy's global random state"


@pytest.fixture
def tiny_images() -> Data:
    """40 uint8 images of 1x8x8 in four classes: a bright quadrant on a dim, noisy ground.

    24 train, 8 validation, 8 test, every split with all classes equally often.
    """
    generator = torch.Generator().manual_seed(0)
    targets = torch.arange(40) % 4
    inputs = torch.randint(0, 60, (40, 1, 8, 8), generator=generator, dtype=torch.uint8)
    for image, target in zip(inputs, targets.tolist(), strict=True):
        top, left = 4 * (target // 2), 4 * (target % 2)
        image[:, top : top + 4, left : left + 4] += 180
    pixels = inputs[:24].float()
    specification = Specification(
        task="classification",
        input_shape=(1, 8, 8),
        normalization=Normalization((pixels.mean().item(),), (pixels.std().item(),)),
        encoder=ArrayEncoder(shape=(1, 8, 8)),
        classes=("north-west", "north-east", "south-west", "south-east"),
        class_frequencies=(0.25, 0.25, 0.25, 0.25),
    )
    return _three_splits("tiny images", specification, inputs, targets, sizes=(24, 8, 8))


@pytest.fixture
def tiny_table() -> Data:
    """60 rows of three float columns; the target is 2 a - b + 5 plus noise of deviation 0.1.

    36 train, 12 validation, 12 test.
    """
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(60, 3, generator=generator) * torch.tensor([1.0, 10.0, 0.1])
    noise = 0.1 * torch.randn(60, generator=generator)
    targets = 2.0 * inputs[:, 0] - inputs[:, 1] + 5.0 + noise
    train = inputs[:36]
    specification = Specification(
        task="regression",
        input_shape=(3,),
        normalization=Normalization(tuple(train.mean(0).tolist()), tuple(train.std(0).tolist())),
        encoder=ArrayEncoder(shape=(3,)),
        target_mean=targets[:36].mean().item(),
        target_std=targets[:36].std().item(),
    )
    return _three_splits("tiny table", specification, inputs, targets, sizes=(36, 12, 12))


def _three_splits(
    name: str, specification: Specification, inputs: torch.Tensor, targets: torch.Tensor, sizes: tuple[int, int, int]
) -> Data:
    whole = Split(inputs, targets, tuple(f"row {index}" for index in range(len(targets))))
    train, validation, test = (whole.select(indices) for indices in torch.arange(len(targets)).split(list(sizes)))
    return Data(name, specification, train=train, validation=validation, test=test)
