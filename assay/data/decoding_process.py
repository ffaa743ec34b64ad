"""Processes that decode for a training end with it, also when it is killed.

A worker of PyTorch's loader asks now and then whether its parent is still the one it had when it first looked. If the
parent is killed before that, or while the queue to it is full, the worker waits for ever and keeps its memory. Linux
can be asked to kill a process with its parent.

Source: prctl(2), PR_SET_PDEATHSIG; torch.utils.data._utils.worker, ManagerWatchdog.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(worker: int) -> None:
    """As `worker_init_fn` of a loader; where the system is not Linux, PyTorch's own look is all there is."""
    parent = multiprocessing.parent_process()
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:
        # It died before it was asked for.
        os._exit(1)
