import pytest
import torch
from torch import Tensor, nn


def deep(activation: type[nn.Module], depth: int = 8, width: int = 24) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten(), nn.Linear(64, width), activation()]
    for _ in range(depth):
        layers += [nn.Linear(width, width), activation()]
    return nn.Sequential(*layers, nn.Linear(width, 4))


class Block(nn.Module):
    """Pre-norm residual; the branch ends at 0."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.first, self.second = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.second.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs + self.second(torch.sigmoid(self.first(self.norm(inputs))))


def test_deep_sigmoids_vanish(run):
    (finding,) = run("vanishing_gradients", model=deep(nn.Sigmoid))
    assert finding.level == "note"
    assert finding.evidence["ratio"] < 1e-3
    assert "shrinks at every layer" in finding.cause
    assert len(finding.figures) == 2


def test_few_layers_residual_ones_and_zero_heads_pass(run):
    residual = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), *(Block(24) for _ in range(8)), nn.Linear(24, 4))
    nn.init.zeros_(residual[-1].weight)
    for model in (deep(nn.ReLU, 2), deep(nn.Tanh, 2), residual):
        (finding,) = run("vanishing_gradients", model=model)
        assert (finding.level, finding.cause) == ("note", ""), finding.summary


def test_gradients_are_drawn_though_the_step_clears_them(run):
    def training_step(model, batch, optimizer):
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    (finding,) = run("vanishing_gradients", model=deep(nn.ReLU, 2), training_step=training_step)
    _, histograms = finding.figures
    assert len(histograms.series) == 4
    assert all(sum(series.y) > 0 for series in histograms.series)


def test_no_gradient_at_all_is_another_fault(run):
    model = deep(nn.ReLU, 2)
    result = run("vanishing_gradients", model=model, loss_fn=lambda outputs, targets: 0.0 * outputs.sum())
    assert "all gradients are 0" in result.reason


def with_adam(model):
    return {"model": model, "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}


@pytest.mark.slow
def test_sigmoids_that_hold_the_training_back_are_suspect(run):
    (finding,) = run("vanishing_gradients", **with_adam(deep(nn.Sigmoid)))
    assert finding.level == "suspect"
    assert min(finding.evidence["with_relu"]) - max(finding.evidence["own"]) > 0
    assert "with ReLU in place of hidden sigmoids" in finding.summary


@pytest.mark.slow
def test_small_weights_are_not_put_down_to_the_activation(run):
    model = deep(nn.Tanh, 5)
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 1e-3)
    (finding,) = run("vanishing_gradients", **with_adam(model))
    assert (finding.level, bool(finding.cause)) == ("note", True)
