"""Hand-written loops for the watch: a healthy one whose parts may be replaced; what is left behind is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader, TensorDataset

from assay.finding import Finding, Report
from assay.watching.watch import Watch, watch

COUNT, BATCH = 96, 16


def data(seed: int = 0) -> TensorDataset:
    draw = torch.Generator().manual_seed(seed)
    centres = torch.randn(3, 8, generator=torch.Generator().manual_seed(7))
    labels = torch.arange(COUNT) % 3
    return TensorDataset(centres[labels] + 0.5 * torch.randn(COUNT, 8, generator=draw), labels)


def loader(seed: int = 0) -> DataLoader[Any]:
    return DataLoader(data(seed), BATCH, shuffle=True, generator=torch.Generator().manual_seed(seed))


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))


Part = Callable[..., object]


def plain_step(model: nn.Module, inputs: Tensor, labels: Tensor, optimizer: Optimizer) -> None:
    optimizer.zero_grad()
    F.cross_entropy(model(inputs), labels).backward()
    optimizer.step()


def run(
    step: Part = plain_step,
    *,
    model: nn.Module | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 4,
    before_epoch: Part = nn.Module.train,
    before_validation: Part = nn.Module.eval,
    after_step: Part = lambda: None,
    loaders: bool = True,
) -> Report:
    """Train in a watched block, see that nothing is left behind, and give its report."""
    model = model or network()
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    train, validation = loader(0), loader(1)
    given = {"train_loader": train, "val_loader": validation} if loaders else {}
    with watch(model, optimizer, **given) as block:
        for _ in range(epochs):
            before_epoch(model)
            for inputs, labels in train:
                step(model, inputs, labels, optimizer)
                after_step()
            before_validation(model)
            with torch.no_grad():
                for inputs, _ in validation:
                    model(inputs)
    assert_nothing_left(block, model, optimizer, train, validation)
    return block.report()


def assert_nothing_left(block: Watch, model: nn.Module, optimizer: Optimizer, *loaders: object) -> None:
    for module in model.modules():
        assert not any(value for name, value in vars(module).items() if "hooks" in name), module
    assert not any(parameter._backward_hooks for parameter in model.parameters())
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    assert all(type(loader) is DataLoader for loader in loaders)
    assert block._moment.call is None


def found(report: Report, name: str) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.id == name]
    return finding


def alerts(report: Report) -> dict[str, str]:
    return {finding.id: finding.level for finding in report.alerts}
