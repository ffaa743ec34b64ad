import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn

OPTIMIZERS = {
    "SGD": lambda p, **more: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1, **more),
    "Adam": lambda p, **more: torch.optim.Adam(p, lr=1e-3, **more),
    "AdamW": lambda p, **more: torch.optim.AdamW(p, lr=1e-2, weight_decay=1.0, **more),
    "RMSprop": lambda p, **more: torch.optim.RMSprop(p, lr=1e-3, **more),
    "Adagrad": lambda p, **more: torch.optim.Adagrad(p, lr=1e-2, **more),
}


def step_with(sign: float = 1.0, every: int = 1, returns: float = 1.0):
    calls = 0

    def step(model, batch, optimizer):
        nonlocal calls
        loss = F.cross_entropy(model(batch[0]), batch[1])
        (sign * loss / every).backward()
        calls += 1
        if calls % every == 0:
            optimizer.step()
            optimizer.zero_grad()
        return returns * loss.detach()

    return step


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimiser_goes_down_and_is_caught_going_up(run, make):
    model = small_network()
    (finding,) = run("step_direction", model=model, optimizer=make(model.parameters()))
    assert finding.level == "note"
    assert finding.evidence["losses"][4] < finding.evidence["losses"][2] < finding.evidence["losses"][0]
    (finding,) = run("step_direction", model=model, optimizer=make(model.parameters(), maximize=True))
    assert finding.level == "proved"
    assert "maximize=True" in finding.cause


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize(("sign", "expected"), [(1.0, "note"), (-1.0, "proved")])
def test_own_step_with_its_sign_turned_is_proved(run, sign, expected, every):
    (finding,) = run("step_direction", training_step=step_with(sign, every))
    assert finding.level == expected
    assert finding.evidence["calls"] == every
    assert ("minus the loss" in finding.cause) == (expected == "proved")


def test_minus_and_maximize_together_are_healthy(verdict):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, maximize=True)
    assert verdict("step_direction", model=model, optimizer=optimizer, training_step=step_with(-1.0)) == "note"


@pytest.mark.parametrize("loss", [F.cross_entropy, F.mse_loss])
def test_minus_a_known_loss_is_proved(run, loss):
    inputs, labels = digits_like()
    loader = loader_of(inputs, labels if loss is F.cross_entropy else F.one_hot(labels, 4).float())
    (finding,) = run("step_direction", train_loader=loader, loss_fn=lambda *given: -loss(*given))
    assert finding.level == "proved"
    assert "without the minus" in finding.fix


def test_an_unknown_loss_that_is_negative_passes(verdict):
    def similarity(outputs, targets):
        return -F.cosine_similarity(outputs, F.one_hot(targets, 4).float()).mean()

    assert verdict("step_direction", loss_fn=similarity) == "note"


def test_dropout_batch_norm_and_mixed_inputs_pass(verdict):
    def mixing(model, batch, optimizer):
        optimizer.zero_grad()
        order, share = torch.randperm(len(batch[1])), float(torch.rand(()))
        outputs = model(share * batch[0] + (1 - share) * batch[0][order])
        loss = share * F.cross_entropy(outputs, batch[1]) + (1 - share) * F.cross_entropy(outputs, batch[1][order])
        loss.backward()
        optimizer.step()
        return loss

    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.5))
    assert verdict("step_direction", model=model.append(nn.Linear(24, 4)), training_step=mixing) == "note"


def test_warm_up_from_zero_is_tried_at_its_peak(run):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 10))
    (finding,) = run("step_direction", model=model, optimizer=optimizer, scheduler=schedule)
    assert finding.level == "note"
    assert finding.evidence["cosine_of_change_and_gradient"] == pytest.approx(-1.0, abs=1e-5)


class TwoPlayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator, self.critic = nn.Linear(64, 64), nn.Linear(64, 1)

    def forward(self, inputs):
        return self.critic(self.generator(inputs.flatten(1))).squeeze(1)


def test_two_players_are_not_judged_by_a_loss_that_they_do_not_minimise(run):
    def step(model, batch, optimizer):
        real = batch[0].flatten(1)
        fake = model.generator(torch.randn(len(real), 64))
        optimizer.zero_grad()
        critic = model.critic(fake.detach()).mean() - model.critic(real).mean()
        critic.backward()
        for parameter in model.critic.parameters():
            parameter.requires_grad_(False)
        (-model.critic(fake).mean()).backward()
        for parameter in model.critic.parameters():
            parameter.requires_grad_(True)
        optimizer.step()
        return critic.detach()

    inputs, labels = digits_like()
    loader = loader_of(inputs, (labels % 2).float())
    (finding,) = run(
        "step_direction", model=TwoPlayers(), train_loader=loader, training_step=step, loss_fn=nn.BCEWithLogitsLoss()
    )
    assert finding.level == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    model = small_network()
    assert (
        "several evaluations"
        in run("step_direction", model=model, optimizer=torch.optim.LBFGS(model.parameters())).reason
    )
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    assert "moves no weight" in run("step_direction", model=model, optimizer=still).reason
