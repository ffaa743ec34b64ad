import warnings

import pytest
import torch
from check_programs import loader_of, small_network
from torch import nn


def with_norm() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 4))


def split(model: nn.Module, *, matrices: float, vectors: float) -> torch.optim.Optimizer:
    parts = [[p for p in model.parameters() if (p.dim() > 1) == wanted] for wanted in (True, False)]
    groups = [{"params": parts[0], "weight_decay": matrices}, {"params": parts[1], "weight_decay": vectors}]
    return torch.optim.AdamW(groups, lr=1e-3)


@pytest.mark.parametrize(("vectors", "count"), [(0.0, 0), (0.1, 4)])
def test_decayed_biases_are_only_told(run, vectors, count):
    model = with_norm()
    (finding,) = run("weight_decay_groups", model=model, optimizer=split(model, matrices=0.1, vectors=vectors))
    assert finding.level == "note"
    assert (finding.evidence["weights_decayed"], finding.evidence["biases_and_norms_decayed"]) == (2, count)
    assert bool(finding.fix) == bool(count)


def test_no_decay_is_told(run):
    (finding,) = run("weight_decay_groups")
    assert "No weight decay" in finding.summary


def test_swapped_groups_are_suspect(run):
    model = with_norm()
    (finding,) = run("weight_decay_groups", model=model, optimizer=split(model, matrices=0.0, vectors=0.1))
    assert finding.level == "suspect"
    assert "swapped" in finding.cause


def test_biases_alone_may_be_trained_with_decay(verdict):
    model = with_norm()
    for parameter in model.parameters():
        parameter.requires_grad_(parameter.dim() == 1)
    assert verdict("weight_decay_groups", model=model, optimizer=split(model, matrices=0.0, vectors=0.1)) == "note"


def test_a_parameter_listed_twice_is_proved(run):
    model = small_network()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of it
        optimizer = torch.optim.SGD([*model.parameters(), *model[3].parameters()], lr=0.1)
    (finding,) = run("weight_decay_groups", model=model, optimizer=optimizer)
    assert finding.level == "proved"
    assert finding.evidence["parameters"] == ["3.weight", "3.bias"]


def test_a_parameter_in_two_groups_is_proved(run):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.param_groups.append({**optimizer.param_groups[0], "params": [model[1].bias]})  # as torch itself refuses
    (finding,) = run("weight_decay_groups", model=model, optimizer=optimizer)
    assert finding.evidence["parameters"] == ["1.bias"]
    assert finding.evidence["times"] == 2


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(7, 8), nn.Linear(8, 7)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        return self.head(self.embedding(tokens).mean(1))


def test_tied_weights_pass(verdict):
    tokens = torch.randint(7, (80, 5), generator=torch.Generator().manual_seed(0))
    given = {"model": Tied(), "train_loader": loader_of(tokens, tokens[:, 0])}
    assert verdict("weight_decay_groups", **given) == "note"
