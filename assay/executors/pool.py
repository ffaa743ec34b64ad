"""Worker processes on this machine: cores and GPUs shared out among them, and whoever dies is started again."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from assay.errors import InputError
from assay.executors.deaths import Deaths
from assay.executors.job_training import CHECKPOINT_SECONDS
from assay.store.queue import LEASE_SECONDS, Queue
from assay.store.trials import VARIABLE, checkpoints_of

FAREWELL_SECONDS = 30.0
"""How long a worker may take to save its training when it is told to stop."""


@dataclass(frozen=True)
class Ways:
    """How the workers of a pool work.

    threads: of each; the cores shared out without. checkpoints: their folder; beside the database without.
    """

    threads: int | None = None
    checkpoints: Path | None = None
    lease_seconds: float = LEASE_SECONDS
    checkpoint_seconds: float = CHECKPOINT_SECONDS


@dataclass
class Hand:
    """One worker process. name: under which it leases."""

    number: int
    name: str
    process: subprocess.Popen[bytes]


class Pool:
    """So many workers of one asker.

    Args:
        asker: whose jobs they do.
        curves: file that they tell their curves to.
        logs: folder for what they say.
        gpu: whether they train on GPUs, which are shared out then.
    """

    def __init__(
        self, count: int, queue: Queue, ways: Ways, *, asker: str, curves: Path, logs: Path, gpu: bool = False
    ) -> None:  # fmt: skip
        self.count, self.queue, self.ways, self.asker, self.curves, self.logs = count, queue, ways, asker, curves, logs
        self.threads = ways.threads or threads_each(count)
        self.hands: list[Hand] = []
        self.gpu, self.deaths = gpu, Deaths(queue, asker)

    def look(self) -> None:
        """Start those that are missing; what a dead one was doing is free at once.

        Raises:
            InputError: workers die again and again; gives how, and the last one's words.
        """
        for number in range(self.count):
            hand = next((one for one in self.hands if one.number == number), None)
            if hand is not None and hand.process.poll() is None:
                continue
            if hand is not None:
                self.hands.remove(hand)
                self.queue.release(hand.name)
                self._judge(hand)
            self.hands.append(self._start(number))

    def _judge(self, hand: Hand) -> None:
        code, log = hand.process.returncode, self._log(hand.number)
        if self.deaths.are_too_many(hand.number, killed=code <= 0):
            words = log.read_text(errors="replace").splitlines() or ["it said nothing"]
            raise InputError(
                f"worker processes end at once, {name_end(code)}: {words[-1].removeprefix('assay: ')}; see {log}"
            )

    def _start(self, number: int) -> Hand:
        name = f"{self.asker}-{number}-{secrets.token_hex(4)}"
        # The database's URL may hold a password, which everybody could read in the list of processes.
        options = {
            "threads": self.threads, "asker": self.asker, "name": name, "parent": os.getpid(), "curves": self.curves,
            "checkpoints": self.ways.checkpoints or checkpoints_of(self.queue.store.url),
            "checkpoint-seconds": self.ways.checkpoint_seconds, "lease-seconds": self.ways.lease_seconds,
        }  # fmt: skip
        command = [sys.executable, "-m", "assay", "worker", *(f"--{name}={value}" for name, value in options.items())]
        self.logs.mkdir(parents=True, exist_ok=True)
        with self._log(number).open("ab") as log:
            process = subprocess.Popen(
                command, env=environment(number, self.threads, self.queue.store.url, gpu=self.gpu),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # Ctrl-C is for the asking process, which tells its workers.
                start_new_session=True,
            )  # fmt: skip
        return Hand(number, name, process)

    def _log(self, number: int) -> Path:
        return self.logs / f"worker-{number}.log"

    def stop(self) -> None:
        """Let each save what it trains and give it back; whoever takes too long is killed."""
        hands, self.hands = self.hands, []
        try:
            for hand in hands:
                hand.process.terminate()
            until = time.monotonic() + FAREWELL_SECONDS
            for hand in hands:
                hand.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        finally:
            for hand in hands:
                if hand.process.poll() is None:
                    hand.process.kill()
                    hand.process.wait()
                    self.queue.release(hand.name)


def threads_each(count: int) -> int:
    """Cores that this process may use, shared out."""
    return max(1, len(os.sched_getaffinity(0)) // max(1, count))


def name_end(code: int) -> str:
    """`with code 2`, or `by SIGSEGV`, as a process ended."""
    try:
        return f"with code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"


def environment(number: int, threads: int, url: str, *, gpu: bool) -> dict[str, str]:
    """What a worker is told by its surroundings: its threads, its GPU if it needs one, and the database."""
    values = os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads), VARIABLE: url}
    gpus = torch.cuda.device_count() if gpu else 0
    if gpus > 1:
        named = [one for one in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if one]
        values["CUDA_VISIBLE_DEVICES"] = (named or [str(gpu) for gpu in range(gpus)])[number % gpus]
    return values
