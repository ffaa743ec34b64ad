import pytest
import torch
import torch.nn.functional as F
from check_programs import small_network
from torch import Tensor, nn


def deep(deviation: float | None, depth: int = 5, norm: bool = False) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten(), nn.Linear(64, 32)]
    for _ in range(depth):
        layers += [nn.BatchNorm1d(32)] if norm else []
        layers += [nn.ReLU(), nn.Linear(32, 32)]
    model = nn.Sequential(*layers, nn.ReLU(), nn.Linear(32, 4))
    for layer in model:
        if isinstance(layer, nn.Linear) and deviation is not None:
            nn.init.normal_(layer.weight, 0, deviation)
            nn.init.zeros_(layer.bias)
    return model


class ZeroEnd(nn.Module):
    """Residual branches and a head that start at 0."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.first = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.second, self.head = nn.Conv2d(8, 8, 3, padding=1), nn.Linear(8, 4)
        for layer in (self.second, self.head):
            nn.init.zeros_(layer.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = F.relu(self.stem(inputs))
        return self.head((hidden + self.second(F.relu(self.first(hidden)))).mean((2, 3)))


@pytest.mark.parametrize(
    "model",
    [small_network, lambda: deep(None, 2), lambda: deep((2 / 32) ** 0.5), lambda: deep(1e-3, norm=True), ZeroEnd],
    ids=["two layers", "PyTorch's", "He's", "tiny before norms", "zero at the end"],
)
def test_usual_first_weights_have_no_cause(run, model):
    torch.manual_seed(0)
    (finding,) = run("initialization_scale", model=model())
    assert (finding.level, finding.cause) == ("note", ""), finding.summary


@pytest.mark.parametrize(("deviation", "word"), [(1.0, "grows"), (0.01, "fades")])
def test_weights_far_off_have_a_cause(run, deviation, word):
    torch.manual_seed(0)
    (finding,) = run("initialization_scale", model=deep(deviation), loss_fn=F.multi_margin_loss)
    assert word in finding.cause


def test_first_filters_and_histograms_are_drawn(run):
    (finding,) = run("initialization_scale", model=ZeroEnd())
    kinds = [figure.title for figure in finding.figures]
    assert kinds == ["Signal along the depth", "Outputs by layer", "First-layer filters"]
    assert len(finding.figures[2].pngs) == 8


def test_all_zero_is_skipped(run):
    model = small_network()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    assert "no layer with weights lets a signal through" in run("initialization_scale", model=model).reason


def test_tiny_weights_that_hold_the_training_back_are_suspect(run):
    model = deep(1e-5)
    (finding,) = run("initialization_scale", model=model, optimizer=torch.optim.Adam(model.parameters(), lr=3e-3))
    assert finding.level == "suspect"
    assert min(finding.evidence["redrawn"]) - max(finding.evidence["own"]) > 0
    assert "from PyTorch's own first weights" in finding.summary


def test_tiny_weights_need_no_floor_of_the_loss_where_the_training_stands_still(run):
    (finding,) = run("initialization_scale", model=deep(1e-5), loss_fn=F.multi_margin_loss)
    assert finding.level == "suspect"
    assert max(finding.evidence["own"]) <= 0.1
    assert "from the start to the lowest loss that is reached" in finding.summary


def test_tiny_weights_under_a_step_that_loss_fn_cannot_judge_are_told_only(run):
    def own_aim(model, batch, optimizer):
        optimizer.zero_grad()
        loss = (model(batch[0]) - 3.0).square().mean()
        loss.backward()
        optimizer.step()
        return loss.detach()

    (finding,) = run("initialization_scale", model=deep(1e-5), training_step=own_aim)
    assert (finding.level, bool(finding.cause)) == ("note", True)
