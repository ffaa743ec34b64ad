"""Workers killed, the database restarted: each training finishes once, as if nothing had been.

The storm is the benchmark's, with trainings of seconds.
"""

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
sys.path.append(str(Path(__file__).parents[2] / "benchmarks" / "ablation"))

from bench_chaos import Storm, differing, make_pairs, through_the_storm, ways_in
from postgresql import find_programs, own_cluster

from assay.data.open import open_data
from assay.executors.queued import QueuedTrainings
from assay.trial import in_turn, measure_on


@pytest.mark.slow
@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed")
def test_every_trial_finishes_exactly_once_and_bit_for_bit_as_undisturbed(tmp_path: Path):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed of moments and victims: {seed}")
    # Long enough to be killed in the middle on a machine that has nothing else to do.
    data, pairs = open_data("digits"), make_pairs(4, epochs=300)
    with own_cluster() as cluster:
        executor = QueuedTrainings(2, ways_in(tmp_path))
        storm = Storm(cluster, executor, tmp_path, every=1.0, most=4, chance=random.Random(seed))
        trials, figures = through_the_storm(data, pairs, storm)
    print(figures)
    assert figures["jobs"] == figures["trials"] == len(pairs)
    assert figures["not done"] == figures["duplicates"] == figures["failed attempts"] == 0
    assert (figures["kills"], figures["restarts"]) == (4, 2)
    assert figures["resumed"] > 0
    assert differing(in_turn(measure_on(data))(pairs), trials) == 0
