import torch
from torch import nn

from assay.watching.moment import Moment
from assay.watching.optimizer_watch import OptimizerWatch


def test_updates_are_counted_and_windows_follow_the_looks():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    one = OptimizerWatch(model, optimizer, lambda step: step % 4 == 0, Moment(), can_trace=True)
    one.attach()
    is_open = []
    for _ in range(6):
        is_open.append(one.window.is_open)
        model(torch.ones(1, 2)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    one.detach()
    # Each look and the update after it.
    assert is_open == [True, True, False, False, True, True]
    assert (one.steps, one.rates.updates, one.window.tally.windows) == (6, 6, 4)
    optimizer.step()
    assert one.steps == 6
