"""The live line is on a terminal before anything slow is imported."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from rich.console import Console

from assay.cli.progress import live_progress
from assay.stages.session import Progress


def test_the_line_needs_nothing_that_is_slow_to_import() -> None:
    program = (
        "import sys\n"
        "from assay.cli.alone import shown_work\n"
        "with shown_work():\n"
        "    print([name for name in ('torch', 'polars', 'scipy', 'numpy') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_line_says_at_once_that_data_is_read_and_then_the_time() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=100)
    with live_progress(console) as announce:
        began = written.getvalue()
        announce(Progress("inspect", "counts", 0.5, 3.0, 60.0))
    assert "reads the data" in began
    assert " s" not in began.split("reads the data")[0]
    assert "3 of 60 s" in written.getvalue()


def test_without_a_terminal_there_is_no_line() -> None:
    written = io.StringIO()
    with live_progress(Console(file=written)) as announce:
        announce(Progress("inspect", "counts", 0.5, 3.0, 60.0))
    assert "reads" not in written.getvalue()


@pytest.mark.parametrize("command", ["inspect", "clean", "human", "learning-curve", "questions"])
def test_commands_begin_their_line_before_anything_slow_is_imported(command: str) -> None:
    program = (
        "import sys\n"
        "from assay.cli import alone\n"
        "from assay.cli.app import build_app\n"
        "def begun():\n"
        "    slow = [name for name in ('torch', 'polars', 'scipy', 'numpy') if name in sys.modules]\n"
        "    print(slow)\n"
        "    sys.stdout.flush()\n"
        "    sys.exit(7)\n"
        "alone.shown_work = begun\n"
        f"build_app()([{command!r}, 'digits'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "[]\n"), done.stderr
