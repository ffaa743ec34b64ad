"""A pool of processes: what each is given of the machine, and what is told of those that cannot start."""

import os
from contextlib import closing
from pathlib import Path

import pytest
import torch

from assay.errors import InputError
from assay.executors import pool as pool_module
from assay.executors.deaths import MOST_FAILURES
from assay.executors.pool import Pool, Ways, environment, name_end, threads_each
from assay.store.queue import Queue
from assay.store.store import Store, url_of_file


def test_workers_that_are_killed_before_they_train_are_told_with_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As by an instruction that this processor does not have."""
    monkeypatch.setattr(pool_module.sys, "executable", str(broken_program(tmp_path)))
    with closing(Store(url_of_file(tmp_path / "trials.db"))) as store:
        pool = Pool(1, Queue(store), Ways(threads=1), asker="me", curves=tmp_path / "curves.jsonl", logs=tmp_path)
        for _ in range(MOST_FAILURES):
            pool.look()
            pool.hands[0].process.wait(20)
        with pytest.raises(InputError, match=r"end at once, by SIGILL: begins; see .*worker-0.log"):
            pool.look()
        pool.stop()


def broken_program(folder: Path) -> Path:
    """Says one word and dies of a signal."""
    program = folder / "broken"
    program.write_text("#!/bin/sh\necho begins\nkill -ILL $$\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("code", "told"), [(2, "with code 2"), (-11, "by SIGSEGV"), (-99, "by signal 99")])
def test_ends_in_words(code: int, told: str):
    assert name_end(code) == told


def test_gpus_are_shared_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert [environment(number, 3, "url", gpu=True)["CUDA_VISIBLE_DEVICES"] for number in range(3)] == ["0", "1", "0"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert [environment(number, 3, "url", gpu=True)["CUDA_VISIBLE_DEVICES"] for number in range(3)] == ["4", "7", "4"]
    alone = environment(0, 3, "url", gpu=False)
    assert (alone["ASSAY_DATABASE"], alone["CUDA_VISIBLE_DEVICES"]) == ("url", "4,7")


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert [threads_each(count) for count in (0, 1, 3, 20)] == [8, 8, 2, 1]
    assert environment(0, 3, "url", gpu=False)["OMP_NUM_THREADS"] == "3"
