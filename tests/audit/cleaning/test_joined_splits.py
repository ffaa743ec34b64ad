"""All splits as one, in memory and not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.audit.cleaning.fold import Fold
from assay.audit.cleaning.joined import join_splits
from assay.audit.cleaning.judge_all import LEAST_SHARE, LEFT_FOR_NETWORKS, in_its_time, in_order
from assay.audit.cleaning.network_judge import NetworkJudge
from assay.audit.cleaning.plain_judge import PlainJudge
from assay.data.data import Data
from assay.data.split import LazyInputs
from assay.recipe import Recipe


class Slow:
    """Inputs that are handed out one at a time."""

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> Tensor:
        return self.values[index]

    def select(self, indices: Any) -> Slow:
        return Slow(self.values[list(indices)])

    def digest(self) -> bytes:
        return self.values.numpy().tobytes()


def lazy(data: Data) -> Data:
    parts = {name: replace(getattr(data, name), inputs=Slow(getattr(data, name).gather(
        torch.arange(len(getattr(data, name)))))) for name in ("train", "validation", "test")}  # fmt: skip
    return replace(data, **parts)


def test_lazy_inputs_stay_lazy_and_are_the_same_examples(tiny_images: Data):
    whole, split = join_splits(tiny_images)
    chained, again = join_splits(lazy(tiny_images))
    assert isinstance(chained.inputs, LazyInputs)
    assert split.tolist() == again.tolist()
    every = torch.arange(len(whole))
    assert torch.equal(chained.gather(every), whole.gather(every))
    some = every.flip(0)[::2]
    assert torch.equal(chained.select(some).select(torch.tensor([2, 0])).gather(torch.arange(2)),
                       whole.gather(some[torch.tensor([2, 0])]))  # fmt: skip


def test_a_digest_tells_content_and_order(tiny_images: Data):
    whole, _ = join_splits(lazy(tiny_images))
    inputs: Any = whole.inputs
    assert inputs.digest() == join_splits(lazy(tiny_images))[0].inputs.digest()  # pyright: ignore[reportAttributeAccessIssue]
    assert inputs.select([0, 1]).digest() != inputs.select([1, 0]).digest()
    other = replace(tiny_images, train=replace(tiny_images.train, inputs=tiny_images.train.gather(
        torch.arange(len(tiny_images.train))) // 2))  # fmt: skip
    changed: Any = join_splits(lazy(other))[0].inputs
    assert changed.digest() != inputs.digest()


def test_networks_share_what_is_left(tiny_images: Data):
    whole, _ = join_splits(tiny_images)
    data = replace(tiny_images, train=whole)
    small, large = (NetworkJudge(name, Recipe(), data, 0, seconds) for name, seconds in (("a", 10.0), ("b", 30.0)))
    plain = PlainJudge("c", object, whole.targets.numpy()[:, None], whole.targets.numpy(), 2)
    fold = Fold(0, whole.targets.numpy()[:1], whole.targets.numpy()[1:])
    assert [judge.name for _, judge in in_order([large, plain, small], [fold, fold])] == ["c", "c", "b", "a", "b", "a"]
    coming = [(fold, large), (fold, small)]
    held: Any = in_its_time(large, coming, 20.0)
    assert held.seconds == pytest.approx(LEFT_FOR_NETWORKS * 20 * 0.75)
    plenty: Any = in_its_time(large, coming, 1e9)
    late: Any = in_its_time(large, coming, -5.0)
    assert (plenty.seconds, late.seconds) == (30.0, LEAST_SHARE * 30)
    assert in_its_time(plain, coming, 1.0) is plain
