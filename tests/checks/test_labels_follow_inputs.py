import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset, default_collate

from assay.checks.experiments import counterfactual_labels
from assay.checks.experiments.label_contrast import LabelContrast

SEED = 5


def draws():
    print(f"seed {SEED}")
    return torch.Generator().manual_seed(SEED)


def permuted(labels):
    return labels[torch.randperm(len(labels), generator=draws())]


def test_labels_that_follow_are_told_with_the_contrast(run):
    (finding,) = run("labels_follow_inputs")
    assert finding.level == "note"
    assert finding.evidence["strength"] > 0.9 > 0.4 > finding.evidence["permuted"]
    assert finding.figures[0].labels[0] == "real labels"


def test_permuted_training_labels_are_suspect_where_validation_follows(run):
    inputs, labels = digits_like()
    validation = loader_of(*digits_like(seed=1))
    (finding,) = run("labels_follow_inputs", train_loader=loader_of(inputs, permuted(labels)), val_loader=validation)
    assert finding.level == "suspect"
    assert "validation labels follow theirs" in finding.summary
    assert "out of step" in finding.cause


def test_a_network_that_answers_all_alike_hides_no_relation(run):
    model = small_network()
    nn.init.zeros_(model[-1].weight)
    (finding,) = run("labels_follow_inputs", model=model)
    assert "Labels follow inputs" in finding.summary


def drawn_again(offset):
    pictures, _ = digits_like()
    return loader_of(pictures, pictures.roll(offset, 0))


def test_a_drawing_that_is_compared_with_another_example_is_proved(run, verdict):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 64), nn.Unflatten(1, (1, 8, 8)))
    given = {"model": model, "loss_fn": nn.MSELoss()}
    (finding,) = run("labels_follow_inputs", **given, train_loader=drawn_again(3), val_loader=drawn_again(0))
    assert finding.level == "proved"
    assert "targets of 240 training examples are the inputs of other examples" in finding.summary
    for training, validation in ((0, 0), (1, 1)):  # an autoencoder; the next moment of a series
        loaders = {"train_loader": drawn_again(training), "val_loader": drawn_again(validation)}
        assert verdict("labels_follow_inputs", **given, **loaders) == "note"


@pytest.mark.parametrize("offset", [1, -2])
def test_labels_of_the_next_example_are_suspect(run, offset):
    inputs, labels = digits_like()
    order = torch.randperm(240, generator=draws())
    (finding,) = run("labels_follow_inputs", train_loader=loader_of(inputs[order], labels[order].roll(offset)))
    assert finding.level == "suspect"
    assert finding.evidence["offset"] == -offset


def test_permuted_labels_of_many_pictures_are_suspect(run, monkeypatch):
    monkeypatch.setattr(counterfactual_labels, "PLANTS", 4)
    inputs, labels = digits_like(600)
    (finding,) = run("labels_follow_inputs", train_loader=loader_of(inputs, permuted(labels)))
    assert finding.level == "suspect"
    assert "10% of them would be seen" in finding.summary
    assert len(finding.evidence["held_out_permuted"]) == 3


def table(share):
    """Targets of which a linear function of the columns explains this share."""
    generator = draws()
    inputs = torch.randn(400, 10, generator=generator)
    noise = torch.randn(400, 1, generator=generator)
    return inputs, share**0.5 * inputs.mean(1, keepdim=True) * 10**0.5 + (1 - share) ** 0.5 * noise


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05])
def test_weak_relations_are_left_undecided(run, share):
    inputs, targets = table(share)
    given = {"model": nn.Linear(10, 1), "loss_fn": nn.MSELoss(), "train_loader": loader_of(inputs, targets)}
    (finding,) = run("labels_follow_inputs", **given)
    assert finding.level == "note"
    assert "Could not tell" in finding.summary


def test_regression_and_several_labels_follow(run):
    inputs, targets = table(0.8)
    for model, loss, wanted in (
        (nn.Linear(10, 1), nn.MSELoss(), targets),
        (nn.Linear(10, 3), nn.BCEWithLogitsLoss(), (inputs[:, :3] > 0).float()),
    ):
        (finding,) = run("labels_follow_inputs", model=model, loss_fn=loss, train_loader=loader_of(inputs, wanted))
        assert finding.summary.startswith("Labels follow inputs")


def test_hard_relations_raise_no_alert(run):
    bits = torch.randint(2, (400, 8), generator=draws()).float()
    phase = 6.28 * torch.rand(400, 1, 1, generator=draws())
    labels = torch.arange(400) % 4
    waves = torch.sin((labels[:, None, None] * 2 + 3) * torch.linspace(0, 6.28, 48) + phase)
    square = 2 * torch.rand(400, 2, generator=draws()) - 1
    for inputs, wanted in ((bits, (bits.sum(1) % 2).long()), (waves, labels), (square, (square.prod(1) > 0).long())):
        model = nn.Sequential(nn.Flatten(), nn.Linear(inputs[0].nelement(), 16), nn.ReLU(), nn.Linear(16, 4))
        (finding,) = run("labels_follow_inputs", model=model, train_loader=loader_of(inputs, wanted))
        assert finding.level == "note"


def test_targets_made_of_inputs_are_recognised(run):
    words = torch.randint(9, (120, 7), generator=draws())
    language = nn.Sequential(nn.Embedding(9, 8), nn.Linear(8, 9))
    loss = lambda outputs, targets: F.cross_entropy(outputs.transpose(1, 2), targets)  # noqa: E731
    (finding,) = run(
        "labels_follow_inputs", model=language, loss_fn=loss, train_loader=loader_of(words[:, :-1], words[:, 1:])
    )
    assert "one place on" in finding.summary
    inputs, _ = digits_like(80)
    copier = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.Unflatten(1, (1, 8, 8)))
    (finding,) = run("labels_follow_inputs", model=copier, loss_fn=nn.MSELoss(), train_loader=loader_of(inputs, inputs))
    assert "they are equal" in finding.summary


def test_what_cannot_be_tested_is_skipped(run):
    inputs, labels = digits_like(80)
    cases = [
        (loader_of(inputs, torch.zeros(80).long()), nn.CrossEntropyLoss(), "never vary"),
        (loader_of(inputs, torch.arange(80) % 70), nn.MultiMarginLoss(), "class of its own"),
        (loader_of(inputs, labels), lambda outputs, targets: outputs.square().mean(), "does not depend on the targets"),
        (loader_of(inputs[:10], labels[:10]), nn.CrossEntropyLoss(), "at least 24"),
    ]
    for loader, loss, message in cases:
        found = run("labels_follow_inputs", model=small_network(80), train_loader=loader, loss_fn=loss)
        assert message in found.reason


def test_a_contrast_must_exceed_the_spread_of_permuted_losses():
    assert LabelContrast(0.5, (1.3, 1.4, 1.5)).is_clear
    assert not LabelContrast(1.25, (1.3, 1.4, 1.5)).is_clear


def collated(change, targets=None):
    """A loader whose collating changes the targets of a batch."""
    inputs, labels = digits_like()

    def collate(rows):
        given, wanted = default_collate(rows)
        return given, change(wanted)

    data = TensorDataset(inputs, labels if targets is None else targets)
    return DataLoader(data, 40, shuffle=True, generator=torch.Generator(), collate_fn=collate)


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:1].expand_as(t).clone(), lambda t: t.roll(1, 0), lambda t: t.sort(0).values],
    ids=["first for all", "rolled", "sorted"],
)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_labels_of_others_in_a_batch_are_proved(run, change, kind):
    given = {"train_loader": collated(change)}
    if kind == "numbers":
        targets = torch.randn(240, 1, generator=draws())
        given = {"train_loader": collated(change, targets), "model": small_network(1), "loss_fn": nn.MSELoss()}
    (finding,) = run("labels_follow_inputs", **given)
    assert finding.level == "proved"
    assert "bear the label of another in a batch" in finding.summary
    assert "collate_fn" in finding.cause


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t,
        lambda t: (t - t.mean(0)) / (t.std(0) if len(t) > 1 else 1.0),
        lambda t: 0.7 * t + 0.3 * t.flip(0),
        lambda t: torch.unique(t, return_inverse=True)[1].float(),
        lambda t: t[torch.randperm(len(t))],
    ],
    ids=["as they are", "standardised", "mixed", "numbered anew", "at random"],
)
def test_labels_that_a_batch_may_change_are_not_proved(run, change):
    targets = digits_like()[0][:, 0, 0, :1].clone()
    given = {"train_loader": collated(change, targets), "model": small_network(1), "loss_fn": nn.MSELoss()}
    (finding,) = run("labels_follow_inputs", **given)
    assert finding.level == "note"


def test_a_data_set_that_begins_with_one_class_is_asked_on(run):
    inputs, _ = digits_like(480)
    labels = torch.cat([torch.zeros(240).long(), torch.randint(4, (240,), generator=draws())])
    train = loader_of(inputs[torch.randperm(480, generator=draws())], labels)
    (finding,) = run("labels_follow_inputs", train_loader=train, val_loader=loader_of(*digits_like(200, seed=1)))
    assert finding.level == "suspect"
    assert "validation labels follow theirs" in finding.summary


def views(count=200, seed=0, offset=0):
    """Two noisy views of each of many patterns; the second of the example `offset` places on."""
    generator = torch.Generator().manual_seed(seed)
    items = torch.randn(count, 20, generator=generator)
    first, second = (items + 0.3 * torch.randn(count, 20, generator=generator) for _ in range(2))
    return first, second.roll(-offset, 0)


class PairData(torch.utils.data.Dataset):
    """((first, second), label)."""

    def __init__(self, pair, labels):
        self.pair, self.labels = pair, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return (self.pair[0][index], self.pair[1][index]), self.labels[index]


def pair_loader(pair, labels):
    return DataLoader(PairData(pair, labels), 40, shuffle=True, generator=torch.Generator().manual_seed(3))


class BothEmbedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(20, 8)

    def forward(self, first, second):
        return self.embed(first), self.embed(second)


def find_own(outputs, labels):
    return F.cross_entropy(outputs[0] @ outputs[1].T, torch.arange(len(labels)))


def nearness(outputs, same):
    return F.binary_cross_entropy_with_logits(1.0 - (outputs[0] - outputs[1]).square().sum(-1), same)


def test_second_views_of_the_next_example_are_suspect(run):
    labels = torch.arange(200.0)
    given = {"model": BothEmbedded(), "loss_fn": find_own, "train_loader": pair_loader(views(offset=1), labels)}
    (finding,) = run("labels_follow_inputs", **given)
    assert finding.level == "suspect"
    assert "1 places on in the data set" in finding.summary
    assert finding.evidence["beside"] > 0.5 > 0.3 > finding.evidence["strength"]


def test_second_views_of_any_other_are_suspect_beside_those_of_validation(run):
    first, second = views()
    stray = (first, second[torch.randperm(200, generator=draws())])
    given = {"model": BothEmbedded(), "loss_fn": find_own, "train_loader": pair_loader(stray, torch.arange(200.0))}
    assert "does not depend on the targets" in run("labels_follow_inputs", **given).reason
    validation = pair_loader(views(seed=1), torch.arange(200.0))
    (finding,) = run("labels_follow_inputs", val_loader=validation, **given)
    assert finding.level == "suspect"
    assert "in validation" in finding.summary


def test_views_of_one_item_are_left_alone(run):
    given = {"model": BothEmbedded(), "loss_fn": find_own, "train_loader": pair_loader(views(), torch.arange(200.0))}
    skipped = run("labels_follow_inputs", val_loader=pair_loader(views(seed=1), torch.arange(200.0)), **given)
    assert "does not depend on the targets" in skipped.reason


def test_one_input_twice_is_suspect_where_labels_differ_and_validation_has_pairs(run):
    first, second = views()
    same = (torch.arange(200) % 2).float()
    given = {"model": BothEmbedded(), "loss_fn": nearness, "train_loader": pair_loader((first, first), same)}
    (finding,) = run("labels_follow_inputs", val_loader=pair_loader((first, second), same), **given)
    assert finding.level == "suspect"
    assert "one and the same in each of 200 training examples" in finding.summary


def test_one_input_twice_is_healthy_where_the_loss_reads_no_label(run):
    """Dropout makes two views of it (SimCSE), and validation holds other pairs."""
    first, second = views()
    labels = (torch.arange(200) % 2).float()
    given = {"model": BothEmbedded(), "loss_fn": find_own, "train_loader": pair_loader((first, first), labels)}
    skipped = run("labels_follow_inputs", val_loader=pair_loader((first, second), labels), **given)
    assert "does not depend on the targets" in skipped.reason
