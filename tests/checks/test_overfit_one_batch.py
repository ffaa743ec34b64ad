import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.figure import Lines


def test_healthy_network_learns_by_heart_with_evidence(run):
    (finding,) = run("overfit_one_batch")
    assert finding.level == "note"
    assert finding.evidence["predicted"] == finding.evidence["labels"]
    (figure,) = finding.figures
    assert isinstance(figure, Lines)
    assert figure.series[-1].name == "floor"


@pytest.mark.parametrize(
    "loss_fn",
    [nn.CrossEntropyLoss(label_smoothing=0.3), nn.CrossEntropyLoss(reduction="sum")],
    ids=["smoothing", "sum"],
)
def test_the_floor_is_known(verdict, loss_fn):
    assert verdict("overfit_one_batch", loss_fn=loss_fn) == "note"


def test_soft_targets_pass_at_their_entropy(run):
    inputs, labels = digits_like()
    soft = 0.6 * F.one_hot(labels, 4) + 0.1
    (finding,) = run("overfit_one_batch", train_loader=loader_of(inputs, soft))
    assert finding.level == "note"
    entropy = -(0.7 * torch.tensor(0.7).log() + 3 * 0.1 * torch.tensor(0.1).log())
    assert finding.evidence["floor"] == pytest.approx(float(entropy), abs=1e-5)


def test_equal_inputs_with_different_labels_raise_the_floor(run):
    inputs, labels = digits_like(48)
    inputs = inputs[torch.arange(48) // 2]  # each input twice, with two labels
    (finding,) = run("overfit_one_batch", train_loader=[(inputs, labels)])
    assert finding.level == "note"
    assert finding.evidence["floor"] == pytest.approx(0.693, abs=0.01)


def test_dropout_and_batch_norm_pass(verdict):
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Dropout(0.6), nn.Linear(288, 4)
    )
    assert verdict("overfit_one_batch", model=model) == "note"


def test_a_linear_model_of_two_features_is_too_small_but_not_faulty(run):
    inputs, labels = digits_like()
    model = nn.Linear(2, 4)
    (finding,) = run("overfit_one_batch", model=model, train_loader=loader_of(inputs.flatten(1)[:, :2], labels))
    assert finding.level == "note"


def test_softmax_twice_is_suspect(run):
    (finding,) = run("overfit_one_batch", model=small_network().append(nn.Softmax(1)))
    assert finding.level == "suspect"
    assert "softmax" in finding.cause


def test_stretched_targets_are_suspect(run):
    inputs, labels = digits_like()
    given = {"model": small_network(1), "train_loader": loader_of(inputs, labels.float()), "loss_fn": nn.MSELoss()}
    (finding,) = run("overfit_one_batch", **given)
    assert finding.level == "suspect"
    assert "stretched" in finding.cause


def test_network_blind_to_its_inputs_is_suspect(run):
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = small_network()

        def forward(self, inputs):
            return self.network(inputs * 0)

    (finding,) = run("overfit_one_batch", model=Blind())
    assert finding.level == "suspect"
    assert "do not reach" in finding.cause


def test_faulty_training_step_is_told_from_a_faulty_network(run):
    def step(model, batch, optimizer):
        loss = F.cross_entropy(model(batch[0]), batch[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        return loss

    (finding,) = run("overfit_one_batch", training_step=step)
    assert finding.level == "suspect"
    assert "plain step" in finding.cause


def test_a_loss_that_nobody_knows_is_only_asked_to_fall(verdict):
    def hinge(outputs, targets):
        return F.multi_margin_loss(outputs, targets) - outputs[:, :1].mean()  # has no floor

    assert verdict("overfit_one_batch", loss_fn=hinge) == "note"
    assert verdict("overfit_one_batch", loss_fn=lambda outputs, targets: (outputs * 0).sum() + 1) == "suspect"


def test_a_language_model_whose_first_word_is_uncertain_passes(verdict):
    tokens = torch.randint(9, (40, 7), generator=torch.Generator().manual_seed(0))

    class Successor(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.head = nn.Embedding(9, 16), nn.Linear(16, 9)

        def forward(self, words):
            return self.head(self.embedding(words))

    def loss_fn(outputs, targets):
        return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())

    loader = loader_of(tokens[:, :-1], tokens[:, 1:])
    assert verdict("overfit_one_batch", model=Successor(), train_loader=loader, loss_fn=loss_fn) == "note"


def with_weights(value):
    model = small_network()
    for parameter in model.parameters():
        nn.init.constant_(parameter, value)
    return model


def scaled(times):
    inputs, labels = digits_like()
    return loader_of(inputs * times, labels)


FAULTS = {
    "zero weights": ({"model": with_weights(0.0)}, "first weights"),
    "last activation": ({"model": small_network().append(nn.Hardtanh(-1e-3, 1e-3))}, "activation after the last"),
    "tiny inputs": ({"train_loader": scaled(1e-9)}, "scale of the inputs"),
}


@pytest.mark.parametrize(("changes", "words"), FAULTS.values(), ids=FAULTS)
def test_the_repair_that_helps_names_the_cause(run, changes, words):
    (finding,) = run("overfit_one_batch", **changes)
    assert finding.level == "suspect"
    assert words in finding.cause


def test_a_step_that_mixes_its_examples_passes(verdict):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        order, share = torch.randperm(len(batch[1])), 0.5 + 0.5 * float(torch.rand(()))
        outputs = model(share * batch[0] + (1 - share) * batch[0][order])
        loss = share * F.cross_entropy(outputs, batch[1]) + (1 - share) * F.cross_entropy(outputs, batch[1][order])
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("overfit_one_batch", training_step=step) == "note"


def test_a_step_that_minimises_something_else_is_not_asked(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = model(torch.randn_like(batch[0])).square().mean() * 1e-3
        loss.backward()
        optimizer.step()
        return loss

    (finding,) = run("overfit_one_batch", training_step=step)
    assert finding.level == "note"
    assert "something else than loss_fn" in finding.summary


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_step_that_follows_a_teacher_is_not_asked_for_what_the_teacher_has_wrong(run, wrong):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        outputs, labels = model(batch[0]), batch[1]
        taught = labels.where(labels != wrong, (labels + 1) % outputs.shape[1])
        loss = 0.1 * F.cross_entropy(outputs, labels) + 0.9 * F.cross_entropy(outputs, taught)
        loss.backward()
        optimizer.step()
        return loss

    (finding,) = run("overfit_one_batch", training_step=step)
    assert finding.level == "note"
    assert "training_step mixes its examples or minimises something else" in finding.summary


def test_a_step_that_accumulates_passes(verdict):
    calls = 0

    def step(model, batch, optimizer):
        nonlocal calls
        loss = F.cross_entropy(model(batch[0]), batch[1]) / 4
        loss.backward()
        calls += 1
        if calls % 4 == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        return 4 * loss

    assert verdict("overfit_one_batch", training_step=step) == "note"


def test_a_loss_that_is_nan_is_not_told_as_a_number(run):
    inputs, targets = digits_like(32)
    found = run("overfit_one_batch", train_loader=loader_of(torch.full_like(inputs, torch.nan), targets))
    assert "loss from NaN or infinity to NaN or infinity" in found[0].summary
