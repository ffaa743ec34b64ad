import torch
import torch.nn.functional as F
from check_programs import loader_of, small_network
from torch import Tensor, nn


class Counter(nn.Module):
    """A plain recurrent network over numbers, 40 positions long."""

    def __init__(self, spread: float | None) -> None:
        super().__init__()
        self.recurrent, self.head = nn.RNN(1, 16, nonlinearity="relu", batch_first=True), nn.Linear(16, 4)
        if spread is not None:
            nn.init.normal_(self.recurrent.weight_hh_l0, 0, spread)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.recurrent(inputs)[0][:, -1])


def numbers():
    draw = torch.Generator().manual_seed(0)
    return loader_of(torch.randn(120, 40, 1, generator=draw), torch.arange(120) % 4)


def test_usual_networks_are_a_note_without_a_cause(run):
    for changes in ({}, {"model": Counter(None), "train_loader": numbers()}):
        (finding,) = run("exploding_gradients", **changes)
        assert (finding.level, finding.cause) == ("note", ""), finding.summary
        assert len(finding.evidence["norms"]) == 5


def test_recurrent_weights_that_multiply_explode(run):
    (finding,) = run("exploding_gradients", model=Counter(1.5), train_loader=numbers())
    assert finding.level == "note"
    assert finding.cause


class Sine(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.sin()


def test_growth_along_the_depth_has_a_cause(run):
    # Bounded outputs and slopes of about 30: each layer multiplies what comes back through it.
    layers: list[nn.Module] = [nn.Flatten(), nn.Linear(64, 24)]
    for _ in range(5):
        layers += [Sine(), nn.Linear(24, 24)]
    model = nn.Sequential(*layers, nn.Linear(24, 4))
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0, 6.0)
    (finding,) = run("exploding_gradients", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1e-12))
    assert finding.evidence["growth"] > 1e3
    assert "grows on its way back" in finding.cause


def test_gradients_that_are_not_finite_are_named(run):
    model = small_network()
    (finding,) = run("exploding_gradients", model=model, loss_fn=lambda o, t: F.cross_entropy(o, t) + o.sum() * 1e39)
    assert finding.level == "note"
    assert "NaN or infinite" in finding.summary
    assert "overflows" in finding.cause


def test_clipping_is_told(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        F.cross_entropy(model(batch[0]), batch[1]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()

    (finding,) = run("exploding_gradients", training_step=step)
    assert "after clipping" in finding.summary
    assert finding.evidence["kept"] < 0.1


def test_no_gradient_is_another_fault(run):
    assert "all gradients are 0" in run("exploding_gradients", loss_fn=lambda o, t: 0.0 * o.sum()).reason
