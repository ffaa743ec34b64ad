"""What was asked of the bench: its options, the programs that they mean, and the name of the record of them."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from faults.catalog import FAULTS, LOOK_ALIKES, WORLDS
from faults.fault import draw_pair
from faults.look_alike import draw_look_alike
from faults.program import Program
from faults.rivals.catalog import CHECKERS, OURS

KINDS = {"faulty": "faulty", "sibling": "siblings", "look-alike": "look-alikes"}
PROVED = "every symptom is there and not in the sibling, and every healthy program beats knowing nothing"


@dataclass(frozen=True)
class Job:
    """A program to draw. make: draws it, and its sibling where it is faulty."""

    name: str
    seed: int
    kind: str
    make: Callable[[], tuple[Program, Program | None]]


def read(told: str, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, where they name what exists and at least one program."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    parser.add_argument("--instances", type=int, default=1, help="draws of each fault, sibling and look-alike")
    parser.add_argument("--programs", type=int, default=40, help="how many of them, chosen at random; 0 for all")
    parser.add_argument("--only", nargs="+", action="extend", default=[], type=known_name, metavar="NAME",
                        help="faults or look-alikes by name; writes no record")  # fmt: skip
    parser.add_argument("--kind", action="append", default=[], choices=tuple(KINDS))
    parser.add_argument("--checkers", nargs="+", default=[OURS], choices=sorted(CHECKERS))
    parser.add_argument("--rivals", action="store_true", help="all checkers that are installed here")
    parser.add_argument("--prove", action="store_true", help="prove symptoms and health instead of judging")
    parser.add_argument("--list", action="store_true", help="print the catalogue and end")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch, in each process")
    parser.add_argument("--limit-seconds", type=float, default=300.0)
    parser.add_argument("--limit-gib", type=float, default=3.0)
    parser.add_argument(
        "--journal", type=Path, default=None, help="where single results go; assay-runs/faults-SEED.jsonl"
    )
    options = parser.parse_args(arguments)
    if options.instances < 1 or options.programs < 0:
        parser.error(f"--instances must be at least 1 and --programs at least 0, got {options.instances} and "
                     f"{options.programs}")  # fmt: skip
    if not options.list and not jobs(options):
        parser.error(f"nothing to run: none of {', '.join(options.only)} is {' or '.join(options.kind)}; "
                     "faults are faulty and have siblings, look-alikes have none")  # fmt: skip
    return options


def known_name(value: str) -> str:
    """The name of a fault or a look-alike.

    Raises:
        argparse.ArgumentTypeError: there is none of this name; the nearest are told.
    """
    names = [named.name for named in (*FAULTS, *LOOK_ALIKES)]
    if value in names:
        return value
    nearest = ", ".join(get_close_matches(value, names, cutoff=0.5)) or "none"
    raise argparse.ArgumentTypeError(
        f"there is no fault or look-alike {value!r}; nearest: {nearest}; --list prints all of them"
    )


def every_job(options: argparse.Namespace) -> list[Job]:
    """Faulty programs, siblings and look-alikes, instance by instance, so that an ended run has seen all kinds."""
    found = []
    for instance in range(options.instances):
        seed = 1000 * options.seed + instance
        for fault in FAULTS:
            pair = partial(draw_pair, fault, WORLDS, seed)
            found.append(Job(fault.name, seed, "faulty", pair))
            found.append(Job(fault.name, seed, "sibling", lambda pair=pair: (pair()[1], None)))
        for look_alike in LOOK_ALIKES:
            draw = partial(draw_look_alike, look_alike, WORLDS, seed)
            found.append(Job(look_alike.name, seed, "look-alike", lambda draw=draw: (draw(), None)))
    return found


def jobs(options: argparse.Namespace) -> list[Job]:
    """Those of all jobs that were asked for, by name and kind, or as many of them by chance."""
    found = [
        job for job in every_job(options)
        if (not options.only or job.name in options.only) and (not options.kind or job.kind in options.kind)
    ]  # fmt: skip
    if options.programs == 0 or options.programs >= len(found) or options.only:
        return found
    kept = set(random.Random(options.seed).sample(range(len(found)), options.programs))
    return [job for place, job in enumerate(found) if place in kept]


def record_name(options: argparse.Namespace) -> str:
    """Of the whole catalogue `faults` or `faults-proof`; of anything else a name that says what, so that no part of it
    is ever written over the whole.
    """
    pieces = ["faults", *(["proof"] if options.prove else checkers_told(options))]
    pieces += [told for kind, told in KINDS.items() if kind in options.kind and set(options.kind) != set(KINDS)]
    sampled = jobs(options)
    everything = [job for job in every_job(options) if not options.kind or job.kind in options.kind]
    return "-".join([*pieces, *([] if len(sampled) == len(everything) else [f"{len(sampled)}-programs"])])


def checkers_told(options: argparse.Namespace) -> list[str]:
    """Which checkers, where it is not ours alone."""
    if options.rivals:
        return ["rivals"]
    return [] if options.checkers == [OURS] else sorted(set(options.checkers))


def settings(options: argparse.Namespace) -> dict[str, Any]:
    """What a reader of the record must know of how it was made."""
    return {
        "seed": options.seed, "instances": options.instances, "faults": len(FAULTS), "look_alikes": len(LOOK_ALIKES),
        "kinds": sorted(set(options.kind)) or list(KINDS), "programs": len(jobs(options)),
        "programs_of_all": len(every_job(options)), "only": options.only, "threads": options.threads,
        "checkers": [] if options.prove else list(CHECKERS) if options.rivals else options.checkers,
        "limit_seconds": options.limit_seconds, "limit_gib": options.limit_gib,
    }  # fmt: skip
