"""An ensemble of networks as one network: members differ in luck, their mean errs less.

    outputs = log(mean over members of softmax(member outputs))      classes
    outputs = mean over members of member outputs                    regression

Source: Karpathy 2019 ("squeeze out the juice": about 2 % on anything); rule H20 of the Deep Learning
book's chapter 7.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Ensemble(nn.Module):
    """The mean of its members, in the same form as one member's outputs."""

    def __init__(self, members: Sequence[nn.Module], *, classes: bool) -> None:
        super().__init__()
        if not members:
            raise ValueError("an ensemble needs at least one member, got none")
        self.members = nn.ModuleList(members)
        self.classes = classes

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = torch.stack([member(inputs).float() for member in self.members])
        if not self.classes:
            return outputs.mean(0)
        return outputs.log_softmax(-1).logsumexp(0) - torch.log(torch.tensor(float(len(self.members))))
