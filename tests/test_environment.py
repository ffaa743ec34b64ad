"""What a run's numbers depend on: the versions that are installed here, and where it trains."""

from __future__ import annotations

import platform

import numpy as np
import torch

from assay.environment import environment_of, installed


def test_versions_device_and_threads_are_those_of_this_program() -> None:
    found = environment_of(torch.device("cpu"))
    assert (found["torch"], found["numpy"], found["python"]) == (
        torch.__version__, np.__version__, platform.python_version(),
    )  # fmt: skip
    assert (found["device"], found["threads"]) == ("cpu", torch.get_num_threads())
    assert found["cores"] >= 1
    assert found["processor"]


def test_a_package_that_is_not_there_has_no_version() -> None:
    assert installed("a-package-that-nobody-wrote") is None
    assert installed("numpy") == np.__version__
