import re
import sys

import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, pipeline_of, small_network
from torch import Tensor, nn

from assay.checks.parameters_trained import check


class ResidualBranch(nn.Module):
    """A branch that starts at zero: its inner weights get no gradient at the first step."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = nn.Sequential(nn.Flatten(), nn.Linear(64, 16)), nn.Linear(16, 4)
        self.branch = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16))
        self.gain = nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.stem(inputs)
        return self.head(features + self.gain * self.branch(features))


class Detached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features, self.head = nn.Sequential(nn.Flatten(), nn.Linear(64, 16)), nn.Linear(16, 4)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.features(inputs).detach())


class TiedLanguageModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(7, 8), nn.Linear(8, 7)
        self.head.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(torch.tanh(self.embedding(tokens).mean(1)))


def test_every_parameter_trains(run):
    (finding,) = run("parameters_trained")
    assert finding.level == "note"
    assert finding.evidence["trained"] == 4


def test_zero_initialised_branch_passes(verdict):
    assert verdict("parameters_trained", model=ResidualBranch()) == "note"


def test_frozen_fine_tuning_is_a_note_that_names_the_frozen(run):
    model = small_network()
    model[1].requires_grad_(False)
    (finding,) = run("parameters_trained", model=model)
    assert finding.level == "note"
    assert finding.evidence["frozen"] == ["1.weight", "1.bias"]


def test_parameter_outside_the_optimiser_is_proved(run):
    model = small_network()
    (finding,) = run("parameters_trained", model=model, optimizer=torch.optim.SGD(model[3].parameters(), lr=0.1))
    assert finding.level == "proved"
    assert finding.evidence["missing"] == ["1.weight", "1.bias"]


def test_optimiser_of_another_model_is_proved(run):
    findings = run("parameters_trained", optimizer=torch.optim.SGD(small_network().parameters(), lr=0.1))
    assert findings[0].level == "proved"
    assert "another model" in findings[0].cause


def test_detached_features_are_suspect(run):
    (finding,) = run("parameters_trained", model=Detached())
    assert finding.level == "suspect"
    assert finding.evidence["parameters"] == ["features.1.weight", "features.1.bias"]


def test_forgotten_step_is_suspect(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        return loss

    (finding,) = run("parameters_trained", training_step=step)
    assert finding.level == "suspect"
    assert "optimizer.step()" in finding.fix


def test_gradient_accumulation_passes(verdict):
    count = [0]

    def step(model, batch, optimizer):
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1]) / 8
        loss.backward()
        count[0] += 1
        if count[0] % 8 == 0:
            optimizer.step()
            optimizer.zero_grad()
        return loss

    assert verdict("parameters_trained", training_step=step) == "note"
    assert count == [0]  # what the step closes over is put back too


def test_warm_up_from_zero_passes_with_and_without_its_schedule(verdict):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 10))
    assert optimizer.param_groups[0]["lr"] == 0.0
    assert verdict("parameters_trained", model=model, optimizer=optimizer, scheduler=schedule) == "note"
    assert schedule.last_epoch == 0
    assert verdict("parameters_trained", model=model, optimizer=optimizer) == "note"


def test_rate_of_zero_is_suspect(run):
    model = small_network()
    (finding,) = run("parameters_trained", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=0.0))
    assert finding.level == "suspect"
    assert "learning rate is 0" in finding.cause


def test_exploding_training_is_suspect(verdict):
    inputs, labels = digits_like()
    targets = labels.float()[:, None] * 1e3
    model = small_network(1)
    given = {"model": model, "train_loader": loader_of(inputs * 100, targets), "loss_fn": nn.MSELoss()}
    assert verdict("parameters_trained", optimizer=torch.optim.SGD(model.parameters(), lr=10.0), **given) == "suspect"


def test_tied_weights_pass(verdict):
    tokens = torch.randint(7, (80, 5), generator=torch.Generator().manual_seed(0))
    loader = loader_of(tokens, tokens[:, 0])
    assert verdict("parameters_trained", model=TiedLanguageModel(), train_loader=loader) == "note"


def test_step_that_ignores_its_arguments_is_skipped_with_the_reason(run):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(_model, batch, _optimizer):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    result = run("parameters_trained", model=model, optimizer=optimizer, training_step=step)
    assert "must use only the ones it is given" in result.reason


def test_bias_that_a_norm_cancels_passes(verdict):
    model = nn.Sequential(nn.Conv2d(1, 6, 3, bias=True), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 4))
    assert verdict("parameters_trained", model=model) == "note"


def test_parameters_that_another_optimiser_moves_pass(verdict):
    """Two optimisers, one of them made inside the step from the copy that it is given."""

    def step(model, batch, optimizer):
        optimizer.zero_grad()
        features = torch.optim.SGD(model[1].parameters(), lr=0.01)
        features.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        features.step()
        return loss

    model = small_network()
    optimizer = torch.optim.SGD(model[3].parameters(), lr=0.1)
    assert verdict("parameters_trained", model=model, optimizer=optimizer, training_step=step) == "note"


def test_parameters_without_gradient_outside_the_optimiser_are_no_fault(run):
    class Spare(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.spare = small_network(), nn.Linear(3, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.network(inputs)

    model = Spare()
    (finding,) = run("parameters_trained", model=model, optimizer=torch.optim.SGD(model.network.parameters(), lr=0.1))
    assert finding.level == "note"


def test_rows_of_an_embedding_that_no_batch_uses_pass(verdict):
    tokens = torch.randint(7, (80, 5), generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.Embedding(500, 8, padding_idx=0), nn.Flatten(), nn.Linear(40, 7))
    given = {"model": model, "train_loader": loader_of(tokens, tokens[:, 0])}
    assert verdict("parameters_trained", **given) == "note"


class Holding(nn.Module):
    """Layers wherever `keep` puts them."""

    def __init__(self, keep, *, teacher: bool = False) -> None:
        super().__init__()
        self.teacher = teacher
        self.inner = keep(nn.Linear(64, 16))
        self.head = nn.Linear(16, 4)

    def layer(self):
        inner = self.inner
        while isinstance(inner, (list, tuple, dict)):
            inner = next(iter(inner.values())) if isinstance(inner, dict) else inner[0]
        return inner

    def forward(self, inputs: Tensor) -> Tensor:
        inner = self.layer()
        features = inner(inputs.flatten(1)) if callable(inner) else inputs.flatten(1) @ inner
        return self.head(features.detach() if self.teacher else features)


@pytest.mark.parametrize(
    "keep",
    [lambda m: [m], lambda m: {"one": m}, lambda m: ([m],), lambda m: torch.randn(64, 16, requires_grad=True)],
    ids=["list", "dict", "nested", "plain tensor"],
)
def test_layers_that_parameters_does_not_find_are_proved(run, keep):
    (finding,) = run("parameters_trained", model=Holding(keep))
    assert finding.level == "proved"
    assert "no parameters of the model" in finding.summary
    assert finding.evidence["hidden"][0].startswith("inner")


@pytest.mark.parametrize("keep", [lambda m: [m.requires_grad_(False)], lambda m: [m.eval()], lambda m: m])
def test_layers_that_are_kept_out_on_purpose_pass(verdict, keep):
    assert verdict("parameters_trained", model=Holding(keep)) == "note"


def test_a_hidden_teacher_without_gradient_passes(verdict):
    assert verdict("parameters_trained", model=Holding(lambda m: [m], teacher=True)) == "note"


def test_hidden_layers_that_the_optimiser_holds_pass(verdict):
    model = Holding(lambda m: [m])
    optimizer = torch.optim.SGD([*model.parameters(), *model.layer().parameters()], lr=0.1)
    assert verdict("parameters_trained", model=model, optimizer=optimizer) == "note"


def test_a_flat_loss_is_named_as_the_cause(run):
    (finding,) = run(
        "parameters_trained",
        loss_fn=lambda outputs, targets: nn.functional.cross_entropy(outputs, targets).clamp(max=0.1),
    )
    assert finding.level == "suspect"
    assert "The loss gives the outputs no gradient" in finding.cause


def in_two_groups(model, rate):
    groups = [{"params": list(model[3].parameters()), "lr": 0.1}, {"params": list(model[1].parameters()), "lr": rate}]
    return torch.optim.SGD(groups, lr=0.1)


def test_a_group_that_rests_throughout_is_suspect(run):
    model = small_network()
    optimizer = in_two_groups(model, 0.0)
    (finding,) = run("parameters_trained", model=model, optimizer=optimizer)
    assert finding.level == "suspect"
    assert finding.evidence["parameters"] == ["1.weight", "1.bias"]
    assert "a learning rate of 0" in finding.cause
    decaying = torch.optim.lr_scheduler.CosineAnnealingLR(in_two_groups(model, 0.0), 50)
    given = {"model": model, "optimizer": decaying.optimizer, "scheduler": decaying, "epochs": 2}
    assert run("parameters_trained", **given)[0].level == "suspect"


def test_slow_late_and_frozen_groups_pass(verdict):
    model = small_network()
    assert verdict("parameters_trained", model=model, optimizer=in_two_groups(model, 1e-4)) == "note"
    late = in_two_groups(model, 0.1)
    thawing = torch.optim.lr_scheduler.LambdaLR(late, [lambda step: 1.0, lambda step: float(step > 30)])
    given = {"model": model, "optimizer": late, "scheduler": thawing, "epochs": 20}
    assert verdict("parameters_trained", **given) == "note"
    assert verdict("parameters_trained", model=model, optimizer=late) == "note"  # its schedule was not given
    model[1].requires_grad_(False)
    assert verdict("parameters_trained", model=model, optimizer=in_two_groups(model, 0.0)) == "note"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"training_step": lambda model, batch, optimizer: 1 / 0},
            "training_step fails on the first batch .*ZeroDivis",
        ),
        (
            {"loss_fn": lambda outputs, targets: F.cross_entropy(outputs, targets).item()},
            "The usual step .* fails on the first batch",
        ),
        ({"training_step": lambda model, batch, optimizer: sys.exit(3)}, "SystemExit: 3"),
    ],
    ids=["own step", "loss without gradient", "exit"],
)
def test_a_step_that_fails_is_proved_and_not_passed_over(run, changes, words):
    (finding,) = run("parameters_trained", **changes)
    assert finding.level == "proved"
    assert re.search(words, finding.summary)


def test_a_batch_of_one_under_a_batch_norm_is_explained(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 4))
    (finding,) = run("parameters_trained", model=model, train_loader=[digits_like(1)])
    assert finding.level == "proved"
    assert "batches of at least two examples" in finding.fix


def test_a_model_without_a_trainable_parameter_is_explained(program):
    given = program()
    given["model"].requires_grad_(False)
    (finding,) = check(pipeline_of(given))
    assert finding.level == "proved"
    assert "requires_grad_(True)" in finding.fix


def test_a_step_without_a_backward_pass_is_told(run):
    (finding,) = run("parameters_trained", training_step=lambda model, batch, optimizer: None)
    assert finding.level == "suspect"
    assert "training_step makes no backward pass through the model" in finding.cause


def test_half_precision_weights_are_named_as_the_cause(run):
    inputs, labels = digits_like(80)
    model = small_network().half()
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    loader = loader_of(inputs.half(), labels)
    (finding,) = run("parameters_trained", model=model, train_loader=loader, optimizer=optimizer)
    assert finding.level == "suspect"
    assert "Weights in float16" in finding.cause


def changing(change):
    """The usual step, after a change of the weights."""

    def training_step(model, batch, optimizer):
        with torch.no_grad():
            change(model)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training_step


def reset_last(model):
    model[-1].reset_parameters()


def clamp(model):
    for parameter in model.parameters():
        parameter.clamp_(-0.01, 0.01)


def unit_length(model):
    for parameter in model.parameters():
        parameter /= parameter.norm()


def prune(model):
    model[1].weight[:12] = 0.0


def test_a_step_that_draws_weights_again_is_proved_to_forget_them(run):
    (finding,) = run("parameters_trained", training_step=changing(reset_last))
    assert finding.level == "proved"
    assert finding.evidence["parameters"] == ["3.weight", "3.bias"]
    assert "forgets 2 of 4" in finding.summary


@pytest.mark.parametrize("change", [clamp, unit_length, prune, lambda model: None])
def test_weights_that_a_step_cuts_off_or_scales_are_not_forgotten(verdict, change):
    assert verdict("parameters_trained", training_step=changing(change)) == "note"


def test_masters_kept_in_higher_precision_are_not_forgotten(verdict):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    optimizer.masters = [parameter.detach().double() for parameter in model.parameters()]

    def training_step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        rate = optimizer.param_groups[0]["lr"]
        optimizer.step()
        with torch.no_grad():
            for master, parameter in zip(optimizer.masters, model.parameters(), strict=True):
                master -= rate * parameter.grad.double()
                parameter.copy_(master)
        return loss.detach()

    assert verdict("parameters_trained", model=model, optimizer=optimizer, training_step=training_step) == "note"


def test_a_step_that_fails_is_told_with_its_line(run):
    def step(model, batch, optimizer):
        raise KeyError("lost")

    line = step.__code__.co_firstlineno + 1
    found = run("parameters_trained", training_step=step)
    assert f"KeyError: 'lost' (test_parameters_trained.py, line {line})" in found[0].summary
