"""Watch: look over the shoulder of any hand-written training loop.

    with assay.watch(model, optimizer, train_loader, val_loader) as watch:
        for batch in train_loader:
            ...
    print(watch.report().alerts)

The loop stays as it is. Every update costs three calls of a hook; some are looked at closely. At the end of the block,
however it ends, no hook is left and every loader has its own class again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from types import TracebackType
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle

from assay.finding import Finding, Report, Skipped
from assay.monitors.missing_weights import refuse_model_without_weights
from assay.monitors.nonfinite import broken_tensors, gives_no_number
from assay.monitors.tracing import Tracing
from assay.monitors.units import UnitObserver
from assay.watching.activity import Sizes
from assay.watching.coverage import Coverage
from assay.watching.modes import Modes
from assay.watching.moment import Moment
from assay.watching.optimizer_watch import OptimizerWatch
from assay.watching.reading import WatchedLoader
from assay.watching.sampling import is_sampled
from assay.watching.statistics import Statistics

EVERY = 200


def watch(
    model: nn.Module,
    optimizer: Optimizer | Sequence[Optimizer],
    train_loader: Iterable[Any] | None = None,
    val_loader: Iterable[Any] | None = None,
    *,
    every: int = EVERY,
) -> Watch:
    """A context manager that watches the training inside its block and reports what went wrong.

    Args:
        optimizer: the one that trains the model, or all of them where several take turns.
        train_loader, val_loader: with them, validation in the wrong mode is proved. A list cannot tell that it is
            read: read `watch.train_loader` and `watch.val_loader` instead, which are the loaders themselves otherwise.
        every: looks closely at updates 0, 1, 2, 4, 8, ... and then at every multiple of this.

    Raises:
        TypeError: model, optimizer, a loader or every is something else.
        ValueError: every is not positive.
        InputError: the model has no weights yet.
    """
    optimizers: list[Any] = list(optimizer) if isinstance(optimizer, Iterable) else [optimizer]
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}; pass the network itself")
    if not optimizers or not all(isinstance(one, Optimizer) for one in optimizers):
        raise TypeError(
            f"optimizer must be a torch.optim.Optimizer or several, got {optimizer!r:.60}; pass the instance"
        )
    for name, loader in (("train_loader", train_loader), ("val_loader", val_loader)):
        if loader is not None and (isinstance(loader, str) or not hasattr(loader, "__iter__")):
            raise TypeError(
                f"{name} must be iterable, got {type(loader).__name__}; pass the loader that the loop reads"
            )
    refuse_model_without_weights(model)
    if isinstance(every, bool) or not isinstance(every, int):
        raise TypeError(f"every must be a whole number, got {every!r:.40}; the usual value is {EVERY}")
    if every < 1:
        raise ValueError(f"every must be at least 1, got {every}; the usual value is {EVERY}")
    return Watch(model, optimizers, train_loader, val_loader, every)


class Watch:
    """One watched block. train_loader, val_loader: what to read; the loaders themselves where those can tell."""

    def __init__(
        self,
        model: nn.Module,
        optimizers: list[Optimizer],
        train_loader: Iterable[Any] | None,
        val_loader: Iterable[Any] | None,
        every: int,
    ) -> None:
        self.model, self.every = model, every
        self.train_loader: Any = train_loader
        self.val_loader: Any = val_loader
        self.modes, self.statistics = Modes(model), Statistics(model)
        self.coverage = Coverage(model, optimizers)
        self.sizes = Sizes(list(model.named_parameters()))
        # Compiled and scripted networks run past Python: what happens inside is not seen.
        self.can_trace = not any(_is_compiled(module) for module in model.modules())
        self._moment = Moment()
        self.parts = [self._part(one, is_first=one is optimizers[0]) for one in optimizers]
        self._loaders: list[WatchedLoader] = []
        self._handles: list[RemovableHandle] = []
        self._looking: tuple[RemovableHandle, Tracing] | None = None
        self._evaluated_at = -1
        self._began = self._seconds = 0.0

    def _part(self, optimizer: Optimizer, *, is_first: bool) -> OptimizerWatch:
        # The first optimiser's updates are those of the whole loop.
        whole = {"before": self._update_begins, "after": self._update_ended} if is_first else {}
        sampled = partial(is_sampled, every=self.every)
        return OptimizerWatch(self.model, optimizer, sampled, self._moment, can_trace=self.can_trace, **whole)

    def __enter__(self) -> Watch:
        self._began = time.monotonic()
        try:
            self._attach()
        except BaseException:
            self._detach()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self._seconds = time.monotonic() - self._began
        self._detach()

    def _attach(self) -> None:
        if self.val_loader is not None and self.val_loader is not self.train_loader:
            self.val_loader = self._told(self.val_loader, "validation")
            if self.train_loader is not None:
                self.train_loader = self._told(self.train_loader, "training")
        if not isinstance(self.model, torch.jit.ScriptModule):  # that takes no hooks
            self._handles.append(self.model.register_forward_pre_hook(self._forward_begins, with_kwargs=True))
        for part in self.parts:
            part.attach()

    def _told(self, loader: Any, name: str) -> Any:
        self._loaders.append(WatchedLoader(loader, name, self._moment))
        return self._loaders[-1].given

    def _detach(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        for part in self.parts:
            part.detach()
        for loader in self._loaders:
            loader.let_go()
        self._release()
        self._moment.call = None

    def _forward_begins(self, module: nn.Module, arguments: Any, named: Any) -> None:
        moment = self._moment
        if moment.is_own:
            return
        if not torch.is_grad_enabled() or moment.reading == "validation":
            self._evaluation_begins(module)
            return
        moment.call, moment.training = (arguments, named), module.training
        if moment.open_windows:
            for part in self.parts:
                part.window.forward()
                part.births.look()
            if self.parts[0].is_sampled and self.can_trace:
                self._look(module)

    def _evaluation_begins(self, module: nn.Module) -> None:
        moment = self._moment
        self.modes.forward(module.training, moment.reading, moment.updates)
        # Once after each update at most, and so once in each validation.
        if not module.training and self._evaluated_at != moment.updates:
            self._evaluated_at = moment.updates
            self.statistics.look(module)

    def _look(self, module: nn.Module) -> None:
        units = UnitObserver()
        tracing = Tracing(module, [units])

        def end(module: nn.Module, arguments: Any, answers: Any) -> None:
            # A model that calls itself ends twice.
            if not units.is_over:
                units.is_over = True
                tracing.stop()
                self.sizes.activities(units)
                self._moment.answers = gives_no_number(answers) if broken_tensors(answers) else None

        self._release()
        self._looking = (module.register_forward_hook(end, always_call=True), tracing)
        tracing.__enter__()

    def _release(self) -> None:
        """Let go of the hooks of a look that is over; inside them, torch cannot do without them."""
        self.statistics.close()
        if self._looking is not None:
            handle, tracing = self._looking
            handle.remove()
            tracing.release()
            self._looking = None

    def _update_begins(self) -> None:
        moment = self._moment
        if moment.training is not self.modes.now:
            self.modes.turn(moment.training, moment.updates)
        if self._looking is not None or self.statistics.is_open:
            self._release()
        if self.parts[0].is_sampled:
            self.coverage.update()
            self.sizes.update(moment.updates)
            if moment.answers is not None:
                self.parts[0].births.answered(moment.updates, is_nothing=moment.answers)

    def _update_ended(self) -> None:
        if self.sizes.is_asked:
            self.sizes.updated()
        self._moment.updates += 1

    def report(self) -> Report:
        """What was seen so far, or in the whole block."""
        self.modes.count_to(self._moment.updates)
        written = bool(self.coverage.changed())
        order: list[Finding] = [finding for part in self.parts for finding in part.findings(written)]
        explained = any(finding.is_alert for finding in order)
        findings = [*order, *self.modes.findings(), *self.coverage.findings(explained=explained)]
        findings += [*self.statistics.findings(), *self.sizes.findings()]
        nothing = "no update was made inside the block" if self._began else "the block was not entered: use `with`"
        skipped = () if self.parts[0].steps else (Skipped("watch", nothing),)
        if not self.can_trace:
            skipped += (Skipped("dead_units", "a compiled or scripted network does not show what happens inside"),)
        seconds = self._seconds or (time.monotonic() - self._began if self._began else 0.0)
        return Report("watch", tuple(findings), skipped, seconds)


def _is_compiled(module: nn.Module) -> bool:
    is_wrapped = type(module).__name__ == "OptimizedModule" or module._compiled_call_impl is not None
    return is_wrapped or isinstance(module, torch.jit.ScriptModule)
