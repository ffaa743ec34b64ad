"""Tracing: every torch operation of a forward pass, with the name of the module that was running.

Functional calls (`F.relu(x)`, `x.tanh()`, `x @ w`) are seen like modules, which hooks on modules alone do not do.
Nothing is left behind: the hooks go when the block ends, however it ends.

Source: PyTorch documentation, torch.overrides.TorchFunctionMode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle


class Operation(NamedTuple):
    """One finished call. module: path of the innermost running module, "" for the model itself; name: "relu"."""

    module: str
    name: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    output: Any

    def argument(self, position: int, name: str) -> Any:
        """An argument that may be given by position or by name; None if it was not given."""
        return self.arguments[position] if len(self.arguments) > position else self.named.get(name)

    @property
    def operand(self) -> Any:
        """What the operation was applied to."""
        return self.arguments[0] if self.arguments else self.named.get("input")


Observer = Callable[[Operation], object]


class Tracing(TorchFunctionMode):
    """Show each operation inside the block to the observers.

    with Tracing(model, [observer]):
        model(inputs)
    """

    def __init__(self, model: nn.Module, observers: Sequence[Observer]) -> None:
        super().__init__()
        self.model, self.observers = model, tuple(observers)
        self.running: list[str] = []
        self.handles: list[RemovableHandle] = []

    def __enter__(self) -> Tracing:
        for name, module in self.model.named_modules():
            self.handles.append(module.register_forward_pre_hook(partial(self._begin, name)))
            self.handles.append(module.register_forward_hook(self._end, always_call=True))
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        try:
            self.stop()
        finally:
            self.release()

    def stop(self) -> None:
        """See no more operations; the hooks stay until `release`, for inside one of them no hook may be removed."""
        super().__exit__(None, None, None)

    def release(self) -> None:
        """Remove the hooks."""
        for handle in self.handles:
            handle.remove()
        self.handles.clear()
        self.running.clear()

    def _begin(self, name: str, *_: Any) -> None:
        self.running.append(name)

    def _end(self, *_: Any) -> None:
        # Begun before the block, a module ends without having been noted.
        if self.running:
            self.running.pop()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if isinstance(output, (Tensor, tuple)) and not name.startswith("__get"):
            operation = Operation(self.running[-1] if self.running else "", name, args, kwargs or {}, output)
            for observer in self.observers:
                observer(operation)
        return output
