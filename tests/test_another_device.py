"""Nothing is left on the CPU when a training is elsewhere: tried on a device that any machine can pretend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_every_trick_the_checks_and_a_run_work_on_another_device():
    here = Path(__file__).parent
    program = here / "tricks" / "pretend_device.py"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", program], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(here)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-4000:]
    assert done.stdout.splitlines()[-1] == "ok"
