"""One optimiser under watch: its two hooks, counted updates, and what is asked of each.

The hooks run at every update of somebody's loop: what most updates need is on one page and calls nothing it can spare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from assay.finding import Finding
from assay.watching.birth import Births
from assay.watching.moment import Moment
from assay.watching.order import order_findings
from assay.watching.rates import Rates
from assay.watching.window import Window


class OptimizerWatch:
    """Follows one optimiser.

    steps: updates finished. is_sampled: whether the update that comes next is looked at closely.
    before, after: called when an update is about to be made and when it was made.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        sampled: Callable[[int], bool],
        moment: Moment,
        *,
        can_trace: bool,
        before: Callable[[], None] | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        self.optimizer, self._sampled, self._moment = optimizer, sampled, moment
        self._before, self._after = before, after
        held = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        self.window, self.rates = Window(held), Rates(optimizer)
        self.births = Births(model, self.window.witnesses, moment, can_trace=can_trace)
        self.steps, self.is_sampled = 0, sampled(0)
        self._handles: list[RemovableHandle] = []

    def attach(self) -> None:
        """Begin to watch."""
        self._handles.append(self.optimizer.register_step_pre_hook(self._update))
        self._handles.append(self.optimizer.register_step_post_hook(self._updated))
        self._open()

    def detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._close()
        self.births.read_waiting(self.steps)

    def _update(self, optimizer: Optimizer, arguments: Any, named: Any) -> None:
        self.rates.update()
        if (len(arguments) > 1 or named) and _has_closure(arguments, named):
            # Forward and backward are made inside the step: there is nothing to see before it.
            self._close()
        else:
            self.births.update(self.steps)
            if self.window.is_open:
                self.window.update(self.steps)
        if self._before is not None:
            self._before()

    def _updated(self, *_: Any) -> None:
        if self.is_sampled:
            self.rates.look()
        self.steps += 1
        # The one after too: what happens in every other update must not hide between looks.
        self.is_sampled, was = self._sampled(self.steps), self.is_sampled
        if self.is_sampled or was:
            self._open()
        elif self.window.is_open:
            self._close()
        if self._after is not None:
            self._after()

    def _open(self) -> None:
        self._moment.open_windows += not self.window.is_open
        self.window.open()

    def _close(self) -> None:
        self._moment.open_windows -= self.window.is_open
        self.window.close()

    def findings(self, written: bool) -> list[Finding]:
        birth = [self.births.finding] if self.births.finding is not None else []
        return [*birth, *order_findings(self.window, self.steps, written), *self.rates.findings()]


def _has_closure(arguments: Any, named: Any) -> bool:
    return any(callable(value) for value in (*arguments, *named.values()) if not isinstance(value, Optimizer))
