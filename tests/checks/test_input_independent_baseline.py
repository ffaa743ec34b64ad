import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn

from assay.checks import input_independent_baseline


class Blind(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = small_network()

    def forward(self, inputs):
        return self.network((inputs > 1e9).float())


def test_real_inputs_beat_zeroed_ones(run):
    (finding,) = run("input_independent_baseline")
    assert finding.level == "note"
    assert finding.evidence["real"] < finding.evidence["zeroed"]


def test_blind_network_is_suspect(verdict):
    assert verdict("input_independent_baseline", model=Blind()) == "suspect"


def test_integer_inputs_pass(verdict):
    tokens = torch.randint(1, 9, (80, 6), generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(nn.Embedding(9, 8), nn.Flatten(), nn.Linear(48, 9))
    loader = loader_of(tokens, tokens[:, 2])
    assert verdict("input_independent_baseline", model=model, train_loader=loader) == "note"


def test_label_smoothing_and_imbalance_pass(verdict):
    inputs, _ = digits_like()
    inputs[::10] += 1.0
    labels = (torch.arange(240) % 10 == 0).long()
    given = {"model": small_network(2), "train_loader": loader_of(inputs, labels)}
    assert verdict("input_independent_baseline", loss_fn=nn.CrossEntropyLoss(label_smoothing=0.1), **given) == "note"


def test_mappings_as_batches_pass(verdict):
    inputs, labels = digits_like(80)
    batches = [{"x": inputs[i : i + 40], "y": labels[i : i + 40]} for i in (0, 40)]
    assert verdict("input_independent_baseline", train_loader=batches) == "note"


def test_step_that_overwrites_the_inputs_is_suspect(verdict):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(torch.ones_like(batch[0])), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("input_independent_baseline", training_step=step) == "suspect"


def test_targets_far_from_zero_raise_no_alert(verdict):
    """A short training cannot reach targets about 5000 by itself; that says nothing about the inputs."""
    inputs, labels = digits_like()
    loader = loader_of(inputs, labels.float()[:, None] + 5000)
    given = {"model": small_network(1), "train_loader": loader, "loss_fn": nn.L1Loss()}
    assert verdict("input_independent_baseline", **given) == "note"


def test_a_loss_with_a_high_floor_passes(verdict):
    """Grey pixels under binary cross entropy: most of the loss is the entropy of the targets themselves."""
    inputs = 0.5 + 0.1 * digits_like()[0].flatten(1).sigmoid()
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid())
    given = {"model": model, "train_loader": loader_of(inputs, inputs), "loss_fn": nn.BCELoss()}
    assert verdict("input_independent_baseline", **given) == "note"


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = small_network()

    def forward(self, inputs):
        return self.network(inputs), self.network(-inputs)


def test_nothing_is_trained_where_the_outcome_could_not_be_judged(run, monkeypatch):
    trained = []
    monkeypatch.setattr(input_independent_baseline, "_train", lambda *given: trained.append(given))
    skipped = run("input_independent_baseline", model=Two(), loss_fn=lambda o, y: F.cross_entropy(o[0] - o[1], y))
    assert "outputs that are one tensor" in skipped.reason
    assert not trained
