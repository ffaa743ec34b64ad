"""One process of two: verifies its replica and prints what the check says.

python replica_program.py RANK STORE_FILE FAULT
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as distributed

sys.path.append(str(Path(__file__).parent))

from check_programs import digits_like, levels, loader_of, pipeline_of, small_network

from assay.checks import replicas_equal
from assay.checks.verify import run_check


def main(rank: int, store: str, fault: str) -> None:
    limit = timedelta(seconds=60)
    distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2, timeout=limit)
    torch.manual_seed(rank if fault == "weights" else 0)
    model = small_network()
    loader = loader_of(*digits_like(seed=0 if fault == "data" else rank))
    given = {"model": model, "train_loader": loader, "loss_fn": torch.nn.CrossEntropyLoss()}
    pipeline = pipeline_of({**given, "optimizer": torch.optim.SGD(model.parameters(), lr=0.1)})
    replicas_equal.LIMIT = timedelta(seconds=1 if fault == "alone" else 60)
    if fault != "alone" or rank == 0:
        print(*levels(run_check("replicas_equal", replicas_equal.check, pipeline)), flush=True)
    distributed.barrier()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
