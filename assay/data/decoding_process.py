"""Processes that decode for a training end with it, also when it is killed.

A worker of PyTorch's loader asks now and then whether its parent is still the one it had when it first looked. If the
parent is killed before that, or while the queue to it is full, the worker waits for ever and keeps its memory. So each
has a thread that waits for the parent's end, whichever way the process was started.

Source: torch.utils.data._utils.worker, ManagerWatchdog; multiprocessing.parent_process, whose pipe ends with it.
"""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent(worker: int) -> None:
    """As `worker_init_fn` of a loader."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # Nobody is left to hear of it, and threads that wait for a full queue would keep an ordinary exit from ending.
        os._exit(1)
