"""One pass: moments against torch, digests against equality, samples when time is short."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from assay.audit import scan as scan_module
from assay.audit.scan import scan
from assay.data.split import LazyInputs, Split


def split_of(inputs: Tensor | LazyInputs) -> Split:
    return Split(inputs, torch.zeros(len(inputs), dtype=torch.int64), tuple(map(str, range(len(inputs)))))


def test_two_rows_by_hand() -> None:
    seen = scan(split_of(torch.tensor([[1.0, 5.0], [3.0, 5.0]])))
    assert seen.mean.tolist() == [2.0, 5.0]
    assert seen.std.tolist() == [1.0, 0.0]
    assert (seen.low.tolist(), seen.high.tolist()) == ([1.0, 5.0], [3.0, 5.0])
    assert seen.example_mean.tolist() == [3.0, 4.0]
    assert (seen.example_low.tolist(), seen.example_high.tolist()) == ([1.0, 3.0], [5.0, 5.0])
    assert seen.is_complete


@pytest.mark.parametrize("kind", ["bytes", "floats"])
def test_moments_agree_with_torch_over_many_chunks(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "CHUNK_VALUES", 7 * 3 * 4)  # chunks of 7 images
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randint(0, 256, (50, 3, 2, 2), generator=generator, dtype=torch.uint8)
    if kind == "floats":
        inputs = inputs.float() + 1e6  # an offset that a naive sum of squares would not survive in float32
    seen, values = scan(split_of(inputs)), inputs.double()
    torch.testing.assert_close(seen.mean, values.mean((0, 2, 3)))
    torch.testing.assert_close(seen.std, values.transpose(0, 1).flatten(1).std(1, correction=0))
    torch.testing.assert_close(seen.low, values.amin((0, 2, 3)))
    torch.testing.assert_close(seen.high, values.amax((0, 2, 3)))
    torch.testing.assert_close(seen.example_mean, values.mean((1, 2, 3)))


def test_digests_are_equal_exactly_where_inputs_are() -> None:
    inputs = torch.tensor([[0.0, 1.0], [-0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    digests = scan(split_of(inputs)).digests
    assert digests[0] == digests[1] == digests[3]  # -0.0 equals 0.0
    assert digests[0] != digests[2]


def test_values_that_are_not_finite_are_counted_and_left_out() -> None:
    inputs = torch.tensor([[1.0, torch.nan], [3.0, torch.inf], [5.0, torch.nan]])
    seen = scan(split_of(inputs))
    assert seen.non_finite.tolist() == [1, 1, 1]
    assert seen.finite.tolist() == [3.0, 0.0]
    assert seen.mean.tolist() == [3.0, 0.0]
    assert (seen.low[1].item(), seen.high[1].item()) == (0.0, 0.0)


def test_lazy_inputs_give_the_same_scan(lazily) -> None:
    inputs = torch.randint(0, 256, (600, 1, 3, 3), generator=torch.Generator().manual_seed(2), dtype=torch.uint8)
    held, lazy = scan(split_of(inputs)), scan(split_of(lazily(inputs)))
    assert lazy.is_complete
    assert torch.equal(lazy.indices, torch.arange(600))
    assert np.array_equal(held.digests, lazy.digests)
    torch.testing.assert_close(held.std, lazy.std)
    torch.testing.assert_close(held.example_mean, lazy.example_mean)


def test_lazy_inputs_are_sampled_at_random_when_time_is_up(lazily, random_state_untouched: None) -> None:
    rows = lazily(torch.arange(2000.0)[:, None])
    seen = scan(split_of(rows), seconds=0.0, seed=5)
    assert (len(seen), rows.reads) == (256, 257)  # one chunk is always read, and one to know how large they are
    assert not seen.is_complete
    assert seen.indices.max() > 1000  # not the first ones
    assert torch.equal(seen.indices, scan(split_of(rows), seconds=0.0, seed=5).indices)
    assert not torch.equal(seen.indices, scan(split_of(rows), seconds=0.0, seed=6).indices)
    torch.testing.assert_close(seen.example_mean, seen.indices.double())
    assert seen.id_of(3) == str(int(seen.indices[3]))


def test_an_empty_split_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one example to be scanned, got 0"):
        scan(split_of(torch.zeros(0, 2)))
