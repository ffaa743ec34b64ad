import torch
from torch import nn

from assay.watching.window import LARGEST, WITNESSES, Window, choose_witnesses


def test_witnesses_are_small_trained_and_spread():
    small = [nn.Parameter(torch.zeros(3)) for _ in range(40)]
    large, frozen = nn.Parameter(torch.zeros(LARGEST + 1)), nn.Parameter(torch.zeros(2), requires_grad=False)
    chosen = choose_witnesses([large, frozen, *small])
    assert len(chosen) <= WITNESSES
    assert chosen[0] is small[0]
    assert any(chosen[-1] is one for one in small[30:])
    assert choose_witnesses([large, frozen]) == [large]
    assert choose_witnesses([frozen]) == []


def test_an_open_window_holds_hooks_and_a_closed_one_none():
    parameter = nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    window = Window([parameter])
    window.open()
    window.open()
    assert len(parameter._backward_hooks) == 1
    window.close()
    assert not parameter._backward_hooks
    parameter.sum().backward()
    assert window.backwards == 0
