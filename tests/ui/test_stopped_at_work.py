"""Ctrl-C while the page computes in the background: the command says that it stopped, and nothing aborts.

Each time a real process is stopped at another moment of the work, as the abort that this once ended in was a race.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
def test_ctrl_c_while_likeness_is_computed_ends_quietly(seconds: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (30_000, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", x=images, y=np.arange(len(images)) % 3)
    command = [sys.executable, "-m", "assay", "ui", "many.npz", "--port", "0", "--budget", "10s"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        while "</b> examples" not in ask(f"{address}browse"):
            time.sleep(0.1)
        assert "Comparing all" in ask(f"{address}browse/similar/0")
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130, said
    assert said.splitlines() == ["Stop it with Ctrl-C.", "assay: stopped"]


def ask(address: str) -> str:
    with urllib.request.urlopen(address, timeout=120) as answer:
        return answer.read().decode()
