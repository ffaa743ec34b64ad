"""The chaos of `bench_chaos.py` on a local Ray cluster: actors killed with SIGKILL every few seconds, one PostgreSQL
restarted twice.

All workers are actors of one asking process, on a cluster that it starts; whoever is killed is placed anew by Ray, and
finds in the database what is left to do.

Asked: every trial finishes exactly once; results equal an undisturbed run bit for bit.

    bench_ray_chaos.py [--trainings 12] [--seconds 8] [--every 5] [--kills 12]
"""

from __future__ import annotations

import os
import random
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_chaos import Storm, measure, parser_of, ways_in
from postgresql import Cluster

from assay.executors.queued import QueuedTrainings
from assay.executors.ray_crew import crew_on


@dataclass
class RayStorm(Storm):
    """Kills the process of an actor in the middle of a training."""

    others: int = 0
    log_names: ClassVar[str] = "worker-*.out"

    def log_folder(self) -> Path:
        """Ray's own, of this session."""
        crew: Any = self.executor.pool
        context = crew.ray.get_runtime_context()
        return Path(context.get_temp_dir()) / context.get_session_name() / "logs"

    def _kill_one(self) -> None:
        crew: Any = self.executor.pool
        busy = self._owners_at_work()
        actors = [actor for actor in (crew.actors if crew else ()) if actor.name in busy]
        if actors:
            pid = crew.ray.get(self.chance.choice(actors).handle.process.remote(), timeout=30)
            os.kill(pid, signal.SIGKILL)
            self.kills += 1


def main() -> None:
    options = parser_of(__doc__ or "", trainings=12, seconds=8.0, every=5.0, kills=12).parse_args()
    # Ray lets its workers go last, which on a busy machine is never.
    os.environ.setdefault("RAY_worker_niceness", "0")

    def make(cluster: Cluster, folder: Path, chance: random.Random) -> Storm:
        executor = QueuedTrainings(2, ways_in(folder), crew=crew_on(None))
        return RayStorm(cluster, executor, folder, options.every, options.kills, chance)

    measure("ray-chaos", ("ray", "psycopg"), options, make)


if __name__ == "__main__":
    main()
