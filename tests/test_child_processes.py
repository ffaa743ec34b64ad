"""No program that a test starts may hang the tests or outlive them."""

import sys
import time
from contextlib import suppress

import psutil
import pytest
from child_processes import output_of, started, wait_for_end

# A grandchild holds the pipes, as a worker of a killed training does.
SLEEPS = """
import subprocess, sys, time
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(sleeper.pid, flush=True)
time.sleep(1000)
"""


def ends(pid: int) -> bool:
    """A killed process is gone a moment later; where nobody takes note of its end, it stays as a zombie."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
                continue
        return True
    return False


def test_what_a_program_says_is_given():
    assert output_of([sys.executable, "-c", "print(1 + 1)"]) == "2\n"


def test_a_program_that_fails_fails_the_test_with_its_words():
    with pytest.raises(AssertionError, match="No module named 'nothing_of_the_kind'"):
        output_of([sys.executable, "-c", "import nothing_of_the_kind"])


def test_a_program_that_hangs_is_ended_and_says_where_it_was():
    with started([sys.executable, "-c", SLEEPS]) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        with pytest.raises(pytest.fail.Exception, match=r"did not end within 0\.01 s(?s:.*)line 5 in <module>"):
            wait_for_end(process, 0.01)
    assert ends(grandchild)


def fail_beside(command: list[str], found: list[int]) -> None:
    with started(command) as process:
        assert process.stdout is not None
        found.append(int(process.stdout.readline()))
        raise ZeroDivisionError


def test_nothing_outlives_a_test_that_fails():
    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        fail_beside([sys.executable, "-c", SLEEPS], found)
    assert ends(found[0])
