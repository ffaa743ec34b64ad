"""What every test may rely on: shapes are checked, torch uses one thread, and there are two tiny data sets.

The import hook must be in place before `assay` is imported for the first time. Nothing heavy is imported
at the top: where workers run the tests, the process that hands them out needs none of it.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
from collections.abc import Iterator

import pytest
import type_checks

type_checks.install()

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Make ready what tests share, wherever tests run."""
    # No test finds a training of another one, or of whoever runs the tests; programs that tests start neither.
    os.environ["ASSAY_DATABASE"] = "none"
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    import hypothesis
    import torch

    torch.set_num_threads(1)
    # A busy machine must not fail a test: nothing here is timed.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    config.pluginmanager.import_plugin("tiny_data")
    # What collecting makes stays to the end; to look through it for garbage takes seconds and finds none.
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine cannot run."""
    import torch

    missing = {
        "gpu": "" if torch.cuda.is_available() else "no CUDA device",
        "browser": "" if any(map(shutil.which, CHROMIUMS)) else "no chromium on the path",
        "cluster": "" if importlib.util.find_spec("ray") else "Ray is not installed",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_runtest_setup() -> None:
    """Each test checks functions inside functions anew."""
    type_checks.defined.clear()


@pytest.fixture(autouse=True)
def same_draws_in_every_run() -> None:
    """What a test draws from torch's global state is the same alone and in the suite, so a failure can be repeated."""
    import torch

    # `torch.manual_seed` also notes down, with a stack each time, what to do once there is a GPU.
    torch.default_generator.manual_seed(0)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(0)


@pytest.fixture
def random_state_untouched() -> Iterator[None]:
    """Fail the test when torch's or numpy's global random state differs after it."""
    import numpy as np
    import torch

    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()
    yield
    torch_same = torch.equal(torch_before, torch.get_rng_state())
    numpy_same = all(np.array_equal(a, b) for a, b in zip(numpy_before, np.random.get_state(), strict=True))
    assert torch_same, "the test changed torch's global random state"
    assert numpy_same, "the test changed numpy's global random state"
