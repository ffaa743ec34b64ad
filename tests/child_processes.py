"""Programs that tests start: each has a limit of time, says where it hangs, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in a shell's background: what is started here would be deaf to Ctrl-C too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

LIMIT_SECONDS = 240.0
"""Ten times what the longest of them takes; only what hangs gets there."""


@contextmanager
def started(command: Sequence[object], folder: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """The program at work; at the end of the block it is killed, and so is all that it started."""
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        # A program that hangs is told to abort, and Python then writes where it was.
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        # Nobody is left to write: this closes the pipes and takes note of the end.
        process.communicate(timeout=LIMIT_SECONDS)


def wait_for_end(process: subprocess.Popen[str], seconds: float = LIMIT_SECONDS) -> tuple[str, str]:
    """What it wrote to standard output and standard error; the test fails if it does not end."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    output, errors = process.communicate(timeout=LIMIT_SECONDS)
    pytest.fail(f"{process.args} did not end within {seconds:g} s; it said:\n{output}{errors}")


def output_of(command: Sequence[object], folder: Path | None = None, *, seconds: float = LIMIT_SECONDS) -> str:
    """Run the program to its end, which must be a good one."""
    with started(command, folder) as process:
        output, errors = wait_for_end(process, seconds)
        assert process.returncode == 0, output + errors
        return output
