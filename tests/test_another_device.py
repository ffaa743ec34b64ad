"""Nothing is left on the CPU when a training is elsewhere: tried on a device that any machine can pretend."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from child_processes import output_of


@pytest.mark.slow
def test_every_trick_the_checks_and_a_run_work_on_another_device(monkeypatch: pytest.MonkeyPatch):
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", str(here))
    said = output_of([sys.executable, "-W", "ignore", here / "tricks" / "pretend_device.py"], seconds=600)
    assert said.splitlines()[-1] == "ok"
