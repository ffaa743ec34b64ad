"""A window: from the end of one update to the end of the next, in what order things came and what became of gradients.

A few small parameters are the witnesses. A hook on each is called when a gradient arrives, before it is added to what
is there: so a gradient that an update has used already, and that was not cleared since, is caught in the act.

Source: PyTorch documentation, Autograd mechanics, "Tensor hooks".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from assay.monitors.gradients import dense

WITNESSES = 12
LARGEST = 2**16


@dataclass
class Tally:
    """In how many windows each thing was seen.

    summed: an update was made from a sum with a gradient of an earlier update. emptied: a gradient arrived, and was
    gone before the update. late: forward, update, and only then its backward. without_backward: no gradient arrived;
    reused: the update then used the last one again. all_zero: all that had arrived since the first window was exactly
    0. edited: gradients were changed after the update that used them, and cleared before the next.
    """

    windows: int = 0
    summed: int = 0
    emptied: int = 0
    late: int = 0
    without_backward: int = 0
    reused: int = 0
    all_zero: int = 0
    edited: int = 0
    steps: list[int] = field(default_factory=list)


class Left(NamedTuple):
    """A gradient as an update left it."""

    gradient: Tensor
    version: int
    values: Tensor


class Window:
    """Watches the gradients of one optimiser's parameters while it is open."""

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.witnesses = choose_witnesses(parameters)
        self.tally = Tally()
        self.is_open = False
        self.backwards = 0
        self._handles: list[RemovableHandle] = []
        self._left: dict[int, Left] = {}
        self._events: list[str] = []
        self._summed: set[int] = set()
        self._added: set[int] = set()
        self._edited = self._arrived = self._ever_arrived = False

    def open(self) -> None:
        """Begin after an update, or before the first."""
        self.close()
        self.is_open = True
        self._events, self._summed, self._added, self._edited, self._arrived = [], set(), set(), False, False
        for index, witness in enumerate(self.witnesses):
            self._handles.append(witness.register_hook(partial(self._arrives, index)))
            gradient = witness.grad
            if gradient is not None and not gradient.is_sparse:
                self._left[index] = Left(gradient, gradient._version, gradient.detach().clone())

    def close(self) -> None:
        """Let go of hooks and gradients."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._left.clear()
        self.is_open = False

    def forward(self) -> None:
        """A forward with gradients begins."""
        if self.is_open:
            self._events.append("forward")

    def _arrives(self, index: int, gradient: Tensor) -> None:
        if self._events[-1:] != ["backward"]:
            self._events.append("backward")
            self.backwards += 1
        self._arrived = self._arrived or bool(dense(gradient).any())
        left, now = self._left.get(index), self.witnesses[index].grad
        if left is None:
            return
        if now is None or now is not left.gradient:
            self._summed.discard(index)
            self._judge_edit(index, left)
            return
        if not bool(now.any()):
            self._summed.discard(index)
        elif index in self._summed or now._version == left.version:
            self._summed.add(index)
        self._added.add(index)

    def _judge_edit(self, index: int, left: Left) -> None:
        # Set to 0 in place, the values would tell nothing; and another optimiser's backward adds, and edits nothing.
        if index not in self._added and left.gradient._version != left.version:
            self._edited |= bool(left.gradient.any()) and not torch.equal(left.gradient, left.values)

    def update(self, step: int) -> None:
        """The update that ends the window is about to be made."""
        gradients = [witness.grad for witness in self.witnesses]
        present = any(bool(dense(gradient).any()) for gradient in gradients if gradient is not None)
        tally = self.tally
        tally.windows += 1
        tally.steps.append(step)
        if "backward" not in self._events:
            tally.without_backward += 1
            tally.reused += present and any(self._same(*pair) for pair in self._left.items())
            return
        late = self._events[0] == "backward" and self._events[-1] == "forward"
        tally.late += late
        tally.summed += bool(self._summed)
        tally.emptied += self._arrived and not present and not late
        # A hinge that has learned every example is 0 with right; a loss that is cut is so from the first.
        self._ever_arrived |= self._arrived
        tally.all_zero += not self._ever_arrived
        tally.edited += self._edited

    def _same(self, index: int, left: Left) -> bool:
        return self.witnesses[index].grad is left.gradient and left.gradient._version == left.version


def choose_witnesses(parameters: Iterable[nn.Parameter]) -> list[nn.Parameter]:
    """The smallest trained parameters, spread over all of them; at least one, however large."""
    trained = [parameter for parameter in parameters if parameter.requires_grad and parameter.numel()]
    small = [parameter for parameter in trained if parameter.numel() <= LARGEST]
    small = small or sorted(trained, key=torch.Tensor.numel)[:1]
    stride = max(1, -(-len(small) // WITNESSES))
    return small[::stride]
