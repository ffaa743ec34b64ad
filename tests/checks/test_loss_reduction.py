import pytest
import torch
import torch.nn.functional as F
from check_programs import loader_of, small_network
from torch import nn


def test_a_mean_passes(run):
    (finding,) = run("loss_reduction")
    assert finding.level == "note"
    assert finding.evidence["exponent"] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    "loss_fn", [nn.CrossEntropyLoss(label_smoothing=0.1), nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2, 3, 4]))]
)
def test_means_of_other_kinds_pass(run, loss_fn):
    (finding,) = run("loss_reduction", loss_fn=loss_fn)
    assert (finding.level, round(finding.evidence["exponent"], 3)) == ("note", 0)


def test_a_mean_divided_for_accumulation_passes(verdict):
    assert verdict("loss_reduction", loss_fn=lambda o, t: F.cross_entropy(o, t) / 4) == "note"


def test_a_mean_divided_by_the_batch_size_is_proved(run):
    (finding,) = run("loss_reduction", loss_fn=lambda o, t: F.cross_entropy(o, t) / len(o))
    assert finding.level == "proved"
    assert "neither a mean nor a sum" in finding.summary


def summed(rate):
    model = small_network()
    return {
        "model": model,
        "loss_fn": nn.CrossEntropyLoss(reduction="sum"),
        "optimizer": torch.optim.SGD(model.parameters(), rate),
    }


def test_a_sum_with_a_rate_made_for_it_is_a_note(run):
    (finding,) = run("loss_reduction", **summed(0.05 / 40))
    assert finding.level == "note"
    assert "40 times those of the mean" in finding.summary
    assert all(value < 0.95 for value in finding.evidence["sum_goes_to"])


def test_a_sum_with_a_rate_made_for_a_mean_is_suspect(run):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    (finding,) = run("loss_reduction", model=model, optimizer=optimizer, loss_fn=nn.CrossEntropyLoss(reduction="sum"))
    assert finding.level == "suspect"
    assert "made for a mean" in finding.cause


def test_a_sum_that_stops_a_training_which_starts_sure_of_one_class_is_suspect(run):
    # It learns to doubt in a step or two, which lowers the loss, and nothing more.
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 4))
    nn.init.constant_(model[-1].bias[:1], 4.0)
    given = {"model": model, "loss_fn": nn.CrossEntropyLoss(reduction="sum")}
    (finding,) = run("loss_reduction", **given, optimizer=torch.optim.SGD(model.parameters(), lr=0.2))
    assert finding.level == "suspect"
    assert max(finding.evidence["own"]) < 0.1 < 0.5 < min(finding.evidence["mean"])
    (finding,) = run("loss_reduction", **given, optimizer=torch.optim.SGD(model.parameters(), lr=0.2 / 40))
    assert finding.level == "note"


def test_a_sum_under_adam_is_a_note(verdict):
    model = small_network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    given = {"model": model, "optimizer": optimizer, "loss_fn": nn.CrossEntropyLoss(reduction="sum")}
    assert verdict("loss_reduction", **given) == "note"


def test_a_loss_that_is_no_number_is_proved_without_a_step_that_reduces_it(run, verdict):
    given = {"loss_fn": nn.CrossEntropyLoss(reduction="none")}
    (finding,) = run("loss_reduction", **given)
    assert finding.level == "proved"
    assert finding.evidence["shape"] == [64]

    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("loss_reduction", training_step=step, **given) == "note"


def test_a_loss_over_pairs_is_a_note(run):
    def contrastive(outputs, labels):
        return torch.logsumexp(outputs @ outputs.t(), 1).mean() + 0.0 * labels.sum()

    (finding,) = run("loss_reduction", loss_fn=contrastive)
    assert finding.level == "note"
    assert "batch as a whole" in finding.summary


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(9, 8), nn.Linear(8, 9)

    def forward(self, words):
        return self.head(self.embedding(words)).transpose(1, 2)


def sentences(pad=0):
    generator = torch.Generator().manual_seed(0)
    words = torch.randint(1, 9, (80, 8), generator=generator)
    lengths = torch.randint(3, 9, (80,), generator=generator)
    padded = torch.arange(8)[None] >= lengths[:, None]
    return torch.where(padded, pad, words), padded


@pytest.mark.parametrize("seen", [0, 5])
def test_padding_that_counts_is_suspect(run, seen):
    words, padded = sentences()
    tags = torch.where(padded, seen, words % 5 + 1)
    (finding,) = run("loss_reduction", model=Tagger(), train_loader=loader_of(words, tags))
    assert finding.level == "suspect"
    assert f"ignore_index={seen}" in finding.fix
    assert 0 < finding.evidence["gradient_share"] < 1


def test_padding_that_is_ignored_passes(verdict):
    words, padded = sentences()
    tags = torch.where(padded, -100, words % 5 + 1)
    assert verdict("loss_reduction", model=Tagger(), train_loader=loader_of(words, tags)) == "note"
    tags = torch.where(padded, 0, words % 5 + 1)
    loss_fn = nn.CrossEntropyLoss(ignore_index=0)
    assert verdict("loss_reduction", model=Tagger(), train_loader=loader_of(words, tags), loss_fn=loss_fn) == "note"


def test_words_that_stand_elsewhere_too_are_no_padding(verdict):
    words, padded = sentences()
    words[0, 1] = 0
    tags = torch.where(padded, 0, words % 5 + 1)
    assert verdict("loss_reduction", model=Tagger(), train_loader=loader_of(words, tags)) == "note"


def test_a_step_of_ones_own_that_masks_padding_passes(verdict):
    words, padded = sentences()
    tags = torch.where(padded, 0, words % 5 + 1)

    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1], ignore_index=0)
        loss.backward()
        optimizer.step()
        return loss

    given = {"model": Tagger(), "train_loader": loader_of(words, tags)}
    assert verdict("loss_reduction", training_step=step, **given) == "note"


@pytest.mark.parametrize(("divided", "level"), [(True, "note"), (False, "suspect")])
def test_a_step_of_ones_own_that_divides_the_sum_passes(verdict, divided, level):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1], reduction="mean" if divided else "sum")
        loss.backward()
        optimizer.step()
        return loss

    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    given = {"model": model, "optimizer": optimizer, "loss_fn": nn.CrossEntropyLoss(reduction="sum")}
    assert verdict("loss_reduction", training_step=step, **given) == level


def scaled(factor, make=torch.optim.SGD, rate=0.3, **options):
    model = small_network()
    optimizer = make(model.parameters(), lr=rate, **options)
    return {
        "model": model,
        "optimizer": optimizer,
        "loss_fn": lambda o, t: factor * F.cross_entropy(o, t),
        "epochs": 20,
    }


def test_a_mean_divided_by_the_size_of_the_data_set_is_suspect(run):
    (finding,) = run("loss_reduction", **scaled(1 / 2000))
    assert finding.level == "suspect"
    assert finding.evidence["scale"] == pytest.approx(1 / 2000, rel=1e-3)
    assert "in the planned 120 updates makes" in finding.summary
    assert "multiply the learning rate by 2e+03" in finding.fix


def test_the_decay_stays_what_it_is_where_the_constant_is_taken_out(run):
    (finding,) = run("loss_reduction", **scaled(1 / 2000, weight_decay=3e-3))
    assert finding.level == "suspect"


@pytest.mark.parametrize(
    "given", [scaled(0.5), scaled(0.1), scaled(1 / 2000, torch.optim.Adam, 1e-3)], ids=["half", "tenth", "Adam"]
)
def test_a_small_factor_that_costs_the_training_little_passes(verdict, given):
    assert verdict("loss_reduction", **given) == "note"
