import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import Tensor, nn


class Mixed(nn.Module):
    """A network around one operation; `operation` may mix examples."""

    def __init__(self, operation) -> None:
        super().__init__()
        self.operation, self.network = operation, small_network()

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(self.operation(inputs))


class Sequence(nn.Module):
    def __init__(self, batch_first: bool, tokens: int = 6) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, 8)
        self.recurrent = nn.GRU(8, 12, batch_first=batch_first)
        self.head = nn.Linear(12, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.recurrent(self.embedding(tokens))[0][:, -1])


def with_batch_norm() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(216, 4))


def test_independent_examples_pass_with_a_map(run):
    (finding,) = run("batch_dependency")
    assert finding.level == "note"
    (figure,) = finding.figures
    assert all(value == 0 for i, row in enumerate(figure.values) for j, value in enumerate(row) if i != j)
    assert all(figure.values[i][i] > 0 for i in range(6))


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x.transpose(0, 2).reshape(x.shape),
        lambda x: x.softmax(0),
        lambda x: x - x.mean(0, keepdim=True),
    ],
    ids=["view for a transpose", "softmax over the batch", "centred over the batch"],
)
def test_mixing_examples_is_proved(run, operation):
    (finding,) = run("batch_dependency", model=Mixed(operation))
    assert finding.level == "proved"
    assert finding.evidence["outside"] > 0


def test_batch_norm_is_named_as_the_reason(run):
    findings = run("batch_dependency", model=with_batch_norm())
    assert [finding.level for finding in findings] == ["note", "note"]
    assert findings[1].evidence["batch_norm"] == ["1"]


def test_batch_norm_without_running_statistics_is_proved(verdict):
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64, track_running_stats=False), nn.Linear(64, 4))
    assert verdict("batch_dependency", model=model) == "proved"


@pytest.mark.parametrize(("batch_first", "expected"), [(True, "note"), (False, "proved")])
def test_integer_inputs_are_exchanged(verdict, batch_first, expected):
    tokens = torch.randint(6, (80, 5), generator=torch.Generator().manual_seed(0))
    loader = loader_of(tokens, torch.arange(80) % 4)
    assert verdict("batch_dependency", model=Sequence(batch_first), train_loader=loader) == expected


class OneScore(nn.Module):
    """One score an example, of shape (batch,)."""

    def __init__(self, *, view_for_transpose: bool) -> None:
        super().__init__()
        self.mixes, self.network = view_for_transpose, small_network(1)

    def forward(self, inputs: Tensor) -> Tensor:
        features = inputs.flatten(1)
        if self.mixes:
            features = features.t().reshape(features.shape)
        return self.network(features).squeeze(1)


@pytest.mark.parametrize(("mixes", "expected"), [(False, "note"), (True, "proved")])
def test_outputs_of_one_axis(verdict, mixes, expected):
    inputs, labels = digits_like()
    given = {"train_loader": loader_of(inputs, (labels % 2).float()), "loss_fn": nn.BCEWithLogitsLoss()}
    assert verdict("batch_dependency", model=OneScore(view_for_transpose=mixes), **given) == expected


@pytest.mark.parametrize(("batch_first", "expected"), [(True, "note"), (False, "proved")])
def test_outputs_of_one_axis_for_integer_inputs(verdict, batch_first, expected):
    tokens = torch.randint(6, (80, 5), generator=torch.Generator().manual_seed(0))
    loader = loader_of(tokens, torch.arange(80) % 2 * 1.0)
    model = nn.Sequential(Sequence(batch_first), nn.Linear(4, 1), nn.Flatten(0))
    loss = nn.BCEWithLogitsLoss()
    assert verdict("batch_dependency", model=model, train_loader=loader, loss_fn=loss) == expected


def test_one_example_is_skipped(run):
    inputs, labels = digits_like()
    assert "at least 2" in run("batch_dependency", train_loader=[(inputs[:1], labels[:1])]).reason


def test_dropout_in_training_mode_is_no_dependency(run):
    assert len(run("batch_dependency", model=small_network().insert(2, nn.Dropout(0.5)))) == 1


class Similarities(nn.Module):
    """Scores of all pairs in the batch, as contrastive training of two towers returns them."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = small_network(8), small_network(8)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.left(inputs) @ self.right(inputs).t()


def test_similarities_of_all_pairs_are_left_alone(run):
    def loss_fn(outputs, targets):
        return nn.functional.cross_entropy(outputs, torch.arange(len(outputs)))

    assert "all pairs of the batch" in run("batch_dependency", model=Similarities(), loss_fn=loss_fn).reason


def test_losses_that_compare_examples_pass(verdict):
    def contrastive(outputs, labels):
        scores = nn.functional.normalize(outputs, dim=1) @ nn.functional.normalize(outputs, dim=1).t()
        same = labels[:, None] == labels[None]
        return nn.functional.binary_cross_entropy_with_logits(4 * scores, same * 1.0)

    assert verdict("batch_dependency", loss_fn=contrastive) == "note"


class Towers(nn.Module):
    """Words and numbers by name; may read the words of other examples."""

    def __init__(self, *, mixes: bool) -> None:
        super().__init__()
        self.mixes, self.embedding, self.network = mixes, nn.Embedding(6, 8), small_network(8)

    def forward(self, words: Tensor, image: Tensor) -> Tensor:
        read = self.embedding(words).mean(1)
        return self.network(image) + (read.flip(0) if self.mixes else read)


@pytest.mark.parametrize(("mixes", "expected"), [(False, "note"), (True, "proved")])
def test_inputs_by_name_of_several_kinds(verdict, mixes, expected):
    inputs, labels = digits_like(80)
    words = torch.randint(6, (80, 5), generator=torch.Generator().manual_seed(0))
    batches = [
        {"inputs": {"words": words[i : i + 20], "image": inputs[i : i + 20]}, "labels": labels[i : i + 20]}
        for i in range(0, 80, 20)
    ]
    assert verdict("batch_dependency", model=Towers(mixes=mixes), train_loader=batches) == expected
