import torch
from torch import Tensor, nn
from watched_loops import alerts, found, network, plain_step, run


class TwoHeads(nn.Module):
    """The second head is cut off, or not used."""

    def __init__(self, *, detach: bool) -> None:
        super().__init__()
        self.body, self.head, self.other = nn.Linear(8, 16), nn.Linear(16, 3), nn.Linear(16, 3)
        self.detach = detach

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = self.body(inputs).relu()
        return self.head(hidden) + (self.other(hidden).detach() if self.detach else 0.0)


def test_parameters_that_no_optimiser_holds_are_proved():
    model = network()
    report = run(model=model, optimizer=torch.optim.SGD(model[4].parameters(), lr=0.05))
    assert alerts(report) == {"parameters_trained": "proved"}
    assert found(report, "parameters_trained").evidence["parameters"] == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_parameters_without_a_gradient_are_suspect():
    for detach in (True, False):
        report = run(model=TwoHeads(detach=detach))
        assert alerts(report) == {"parameters_trained": "suspect"}
        assert found(report, "parameters_trained").evidence["parameters"] == ["other.weight", "other.bias"]


def test_an_optimiser_for_another_model():
    report = run(optimizer=torch.optim.SGD(network().parameters(), lr=0.05))
    assert alerts(report)["parameters_trained"] == "proved"


def test_weights_that_are_written_back_are_suspect():
    model = network()
    kept = {name: value.clone() for name, value in model.state_dict().items()}

    def undone(model, inputs, labels, optimizer):
        plain_step(model, inputs, labels, optimizer)
        model.load_state_dict(kept)

    report = run(undone, model=model)
    assert alerts(report)["parameters_trained"] == "suspect"
    assert "have not changed" in found(report, "parameters_trained").summary


def test_a_bias_that_a_norm_cancels_is_healthy():
    assert run(model=network()).ok


def test_rows_of_an_embedding_that_no_batch_holds_are_healthy():
    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.head = nn.Embedding(100_000, 4), nn.Linear(4, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.head(self.table((inputs[:, 0] > 0).long() + 77))

    report = run(model=Rows())
    assert report.ok, [finding.summary for finding in report.alerts]


def test_an_optimiser_that_writes_past_the_versions():
    class Data(torch.optim.Optimizer):
        def __init__(self, parameters) -> None:
            super().__init__(parameters, {"lr": 0.05})

        def step(self, closure=None):
            for group in self.param_groups:
                for parameter in group["params"]:
                    parameter.data.add_(parameter.grad, alpha=-group["lr"])

    model = network()
    assert run(model=model, optimizer=Data(model.parameters())).ok
