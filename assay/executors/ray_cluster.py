"""The Ray cluster that is asked for: `ray` is this machine's, or a new one; `ray://host:port` is another's."""

from __future__ import annotations

import logging
import math
import os
import warnings
from typing import Any

from assay.errors import InputError

RAY = "ray"
OBJECT_STORE_BYTES = 80 * 1024**2
"""For a cluster of our own: nothing is handed on through it."""


def read_place(text: str) -> str | None:
    """The address of `--on ray://host:port`; None of `--on ray`.

    Raises:
        InputError: it is neither.
    """
    if text == RAY:
        return None
    if text.startswith("ray://") and len(text) > len("ray://"):
        return text
    raise InputError(f"--on {text!r} is no place to train; write --on ray, or --on ray://host:10001")


def connect(address: str | None) -> tuple[Any, bool]:
    """The module `ray`, connected; and whether it was connected here, and is to be disconnected at the end.

    Raises:
        InputError: Ray is not installed, or the cluster does not answer.
    """
    # Nobody asked to be counted; and what GPUs an actor sees, its number of GPUs says.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise InputError('--on ray needs the package ray; pip install "assay-train[ray]"') from error
    if ray.is_initialized():
        return ray, False
    try:
        with warnings.catch_warnings():
            # What Ray warns of while it connects, the refusal below says.
            warnings.simplefilter("ignore")
            _find_or_start(ray) if address is None else ray.init(address, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"--on {address or RAY}: the cluster does not answer ({reason}); start it, set "
                         "RAY_AUTH_TOKEN if it asks for one, or train here with --workers") from error  # fmt: skip
    return ray, True


def _find_or_start(ray: Any) -> None:
    """Connect to the cluster that `ray start` or RAY_ADDRESS names, or start one that ends with this program.

    Not to "auto": that takes any program's own cluster, which may be full, and ends with that program.
    """
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    own = {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES}
    try:
        ray.init(**own, **quiet)
    except ValueError:
        # A cluster that is there has settled these already.
        ray.init(**quiet)
    except ConnectionError:
        if "RAY_ADDRESS" in os.environ:
            raise
        # A cluster that was killed leaves its address behind.
        ray.init("local", **own, **quiet)


def count_machines(ray: Any) -> int:
    """Those that are there now."""
    return sum(bool(node["Alive"]) for node in ray.nodes())


def room_for(ray: Any, *, threads: int, gpu: bool) -> int:
    """Workers that its machines have room for, each with so many cores, and a GPU of its own if it needs one."""
    there = [node.get("Resources", {}) for node in ray.nodes() if node["Alive"]]
    rooms = [(one.get("CPU", 0) // threads, one.get("GPU", 0) if gpu else math.inf) for one in there]
    return sum(int(min(room)) for room in rooms)


def require_room(ray: Any, count: int, *, threads: int, gpu: bool) -> None:
    """Refuse workers that would wait for ever for a place.

    Raises:
        InputError: the cluster is too small for so many; gives what it has.
    """
    room = room_for(ray, threads=threads, gpu=gpu)
    if room < count:
        there = ray.cluster_resources()
        each = f"{threads} {'core' if threads == 1 else 'cores'}{' and a GPU' if gpu else ''}"
        remedy = f"ask for --workers {room}" if room else "add machines to it" + (", or --device cpu" if gpu else "")
        raise InputError(
            f"the Ray cluster has {there.get('CPU', 0):g} cores and {there.get('GPU', 0):g} GPUs, which is room for "
            f"{room} workers of {each}, and {count} {'is' if count == 1 else 'are'} needed; {remedy}"
        )
