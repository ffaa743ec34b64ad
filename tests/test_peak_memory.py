"""Bytes alive at once, counted by hand."""

from __future__ import annotations

import torch

from assay.peak_memory import LivingTensors, watch_peak


def test_bytes_alive_at_once_by_hand() -> None:
    with LivingTensors() as living:
        first = torch.ones(1000)
        second = first + 1
        same = second.view(10, 100)
        assert living.bytes == 8000
        del first
        assert living.bytes == 4000
        same.mul_(2.0)
        del second
        assert living.bytes == 4000, "a view keeps the storage alive"
        del same
    assert living.bytes == 0
    assert living.peak_bytes == 8000


def test_what_backward_keeps_is_counted() -> None:
    weight = torch.ones(1000, requires_grad=True)
    with LivingTensors() as living:
        loss = (weight.exp() * 2.0).exp().sum()
        kept = living.bytes
        loss.backward()
    assert kept >= 2 * 4000, "both results of exp wait for their gradient"


def test_the_peak_of_a_block_is_known_when_it_has_ended() -> None:
    before = torch.ones(1000)
    with watch_peak(torch.device("cpu")) as peak:
        del_me = before + 1
        del del_me
        before = before * 2
    assert peak.bytes == 4000, "what was there before is not counted, and only one of both was alive at once"
