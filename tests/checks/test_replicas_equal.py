import sys
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as distributed
from check_programs import pipeline_of, small_network
from child_processes import started, wait_for_end
from torch import nn

from assay.checks import replicas_equal
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.replicas_equal import digest, digests_of, exchange

PROGRAM = Path(__file__).parent / "replica_program.py"


def test_one_process_is_skipped_with_the_reason(run):
    assert "one process trains" in run("replicas_equal").reason
    assert "DataParallel" in run("replicas_equal", model=nn.DataParallel(small_network())).reason


def test_a_group_of_one_is_skipped_with_the_reason(run, tmp_path, monkeypatch):
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        assert "a single process" in run("replicas_equal").reason
        monkeypatch.setattr(replicas_equal, "LIMIT", timedelta(seconds=0.1))
        with pytest.raises(CannotCheckError, match="not all 2 processes made this check"):
            exchange({}, 99, 2)
    finally:
        distributed.destroy_process_group()


def test_digests_tell_values_shapes_and_dtypes_apart():
    values = torch.arange(6.0)
    others = [values + 1, values.reshape(2, 3), values.double(), torch.zeros(0)]
    assert digest(values) == digest(values.clone())
    assert len({digest(tensor) for tensor in [values, *others]}) == 5


def test_digests_change_with_weights_and_batches(program):
    given = program()
    first = digests_of(pipeline_of(given))
    with torch.no_grad():
        given["model"][1].bias[0] += 1
    second = digests_of(pipeline_of(given))
    changed = [name for name in first["weights"] if first["weights"][name] != second["weights"][name]]
    assert changed == ["1.bias"]
    assert (
        first["batches"]
        != digests_of(pipeline_of(program(train_loader=[(torch.zeros(4, 64), torch.arange(4))])))["batches"]
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "expected"),
    [("none", ["note"] * 2), ("weights", ["proved"] * 2), ("data", ["suspect"] * 2), ("alone", ["skipped", ""])],
)
def test_two_processes(tmp_path, fault, expected):
    command = [sys.executable, PROGRAM]
    with (
        started([*command, 0, tmp_path / "store", fault]) as first,
        started([*command, 1, tmp_path / "store", fault]) as second,
    ):
        said = [wait_for_end(process) for process in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], said
    for (output, _), word in zip(said, expected, strict=True):
        assert output.startswith(word)
