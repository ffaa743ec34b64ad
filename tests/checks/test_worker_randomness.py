import multiprocessing

import numpy as np
import torch
from check_programs import digits_like, loader_of
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info


class OwnGenerator(Dataset):
    def __init__(self) -> None:
        self.inputs, self.labels = digits_like(80)
        self.generator = np.random.default_rng(0)

    def __len__(self) -> int:
        return 80

    def __getitem__(self, index):
        return self.inputs[index] + float(self.generator.normal()), self.labels[index]


class GlobalGenerator(OwnGenerator):
    def __init__(self) -> None:
        super().__init__()
        self.generator = None

    def __getitem__(self, index):
        return self.inputs[index] + float(np.random.randn()) + torch.randn(1), self.labels[index]


class Stream(IterableDataset):
    def __init__(self, split: bool, fresh: bool = False) -> None:
        self.inputs, self.labels = digits_like(80)
        self.split, self.fresh = split, fresh

    def __iter__(self):
        info = get_worker_info()
        first, step = (info.id, info.num_workers) if info and self.split else (0, 1)
        for index in range(first, 80, step):
            yield self.inputs[index] + (torch.randn(1) if self.fresh else 0.0), self.labels[index]


def seed_alike(worker: int) -> None:
    np.random.seed(0)
    torch.manual_seed(0)


def two_workers(dataset, **options):
    return DataLoader(dataset, 16, num_workers=2, generator=torch.Generator(), **options)


def test_a_generator_copied_into_workers_is_proved_and_processes_end(run):
    (finding,) = run("worker_randomness", train_loader=two_workers(OwnGenerator(), shuffle=True))
    assert finding.level == "proved"
    assert "the same 6 augmentations" in finding.summary
    assert not multiprocessing.active_children()


def test_workers_seeded_alike_are_proved(verdict):
    loader = two_workers(GlobalGenerator(), worker_init_fn=seed_alike)
    assert verdict("worker_randomness", train_loader=loader) == "proved"


def test_without_workers_it_is_a_note_in_advance(run):
    loader = DataLoader(OwnGenerator(), 16, generator=torch.Generator())
    (finding,) = run("worker_randomness", train_loader=loader)
    assert finding.level == "note"
    assert finding.cause


def test_workers_with_their_own_randomness_pass(run):
    (finding,) = run("worker_randomness", train_loader=two_workers(GlobalGenerator()))
    assert finding.level == "note"
    assert finding.evidence["different_draws"] == 12


def test_a_stream_read_by_every_worker_is_proved(run):
    (finding,) = run("worker_randomness", train_loader=two_workers(Stream(split=False)))
    assert finding.level == "proved"
    assert (finding.evidence["with_workers"], finding.evidence["without"]) == (160, 80)


def test_a_shared_stream_and_one_of_new_examples_pass(verdict):
    assert verdict("worker_randomness", train_loader=two_workers(Stream(split=True))) == "note"
    assert verdict("worker_randomness", train_loader=two_workers(Stream(split=False, fresh=True))) == "note"


def test_nothing_to_check_is_said(run):
    assert "no two workers" in run("worker_randomness").reason
    assert "no DataLoader" in run("worker_randomness", train_loader=list(loader_of(*digits_like()))).reason
