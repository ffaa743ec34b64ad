import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


def ended(last: nn.Module, outputs: int = 4) -> nn.Module:
    return small_network(outputs).append(last)


def test_the_usual_pair_passes(verdict):
    assert verdict("loss_pairing") == "note"
    assert verdict("loss_pairing", model=ended(nn.LogSoftmax(1)), loss_fn=nn.NLLLoss()) == "note"


@pytest.mark.parametrize(
    ("last", "given"),
    [(nn.Identity(), "Raw scores"), (nn.Softmax(1), "Probabilities"), (nn.LogSoftmax(0), "Numbers")],
    ids=["scores", "probabilities", "wrong axis"],
)
def test_nll_of_anything_but_log_probabilities_is_proved(run, last, given):
    (finding,) = run("loss_pairing", model=ended(last), loss_fn=nn.NLLLoss())
    assert finding.level == "proved"
    assert finding.cause.startswith(given)


def test_divergence_wants_log_probabilities(verdict):
    inputs, labels = digits_like()
    targets = 0.7 * F.one_hot(labels, 4) + 0.075
    given = {"train_loader": loader_of(inputs, targets), "loss_fn": nn.KLDivLoss(reduction="batchmean")}
    assert verdict("loss_pairing", model=ended(nn.LogSoftmax(1)), **given) == "note"
    assert verdict("loss_pairing", model=ended(nn.Softmax(1)), **given) == "proved"
    assert verdict("loss_pairing", **given) == "proved"


def binary(model, loss_fn):
    inputs, labels = digits_like()
    return {"model": model, "train_loader": loader_of(inputs, (labels % 2).float()[:, None]), "loss_fn": loss_fn}


def test_binary_cross_entropy_wants_probabilities(run, verdict):
    assert verdict("loss_pairing", **binary(ended(nn.Sigmoid(), 1), nn.BCELoss())) == "note"
    (finding,) = run("loss_pairing", **binary(small_network(1), nn.BCELoss()))
    assert finding.level == "proved"
    assert "BCEWithLogitsLoss" in finding.fix


def test_scores_that_happen_to_lie_between_zero_and_one_are_proved(verdict):
    model = small_network(1)
    with torch.no_grad():
        model[-1].weight.mul_(0.01)
        model[-1].bias.fill_(0.5)
    assert verdict("loss_pairing", **binary(model, nn.BCELoss())) == "proved"


def test_cross_entropy_of_one_class_is_proved(run):
    (finding,) = run("loss_pairing", **binary(small_network(1), nn.CrossEntropyLoss()))
    assert finding.level == "proved"
    assert "softmax of one score is 1" in finding.cause


def test_a_loss_kept_in_the_model_is_not_called_constant(run):
    class Keeper(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.kept = small_network(), torch.zeros(())

        def forward(self, inputs):
            outputs = self.network(inputs)
            self.kept = outputs.square().mean()
            return outputs

    result = run("loss_pairing", loss_fn=lambda outputs, targets: 0.0 * outputs.sum() + outputs.square().mean())
    assert "not known" in result.reason


def test_soft_targets_on_another_axis_are_proved(run):
    class Tagger(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.head = nn.Embedding(9, 8), nn.Linear(8, 5)

        def forward(self, words):
            return self.head(self.embedding(words))  # (batch, places, classes), where the loss reads axis 1

    words = torch.randint(9, (80, 6), generator=torch.Generator().manual_seed(0))
    loader = loader_of(words, F.one_hot(words % 5, 5).float())
    (finding,) = run("loss_pairing", model=Tagger(), train_loader=loader)
    assert finding.level == "proved"
    assert (finding.evidence["class_axis"], finding.evidence["target_axis"]) == (1, 2)


def test_several_labels_under_a_softmax_are_proved(run, verdict):
    inputs, labels = digits_like()
    several = F.one_hot(labels, 4).float()
    several[::2, 0] = 1.0
    loader = loader_of(inputs, several)
    (finding,) = run("loss_pairing", train_loader=loader)
    assert finding.level == "proved"
    assert "bear several labels" in finding.summary
    assert verdict("loss_pairing", train_loader=loader, loss_fn=nn.BCEWithLogitsLoss()) == "note"


def test_one_hot_and_mixed_targets_pass(verdict):
    inputs, labels = digits_like()
    hard = F.one_hot(labels, 4).float()
    for targets in (hard, 0.3 * hard + 0.7 * hard.flip(0)):
        assert verdict("loss_pairing", train_loader=loader_of(inputs, targets)) == "note"
    assert verdict("loss_pairing", train_loader=loader_of(inputs, hard), loss_fn=nn.MSELoss()) == "note"


class ByPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(9, 8), nn.Linear(8, 5)

    def forward(self, words):
        return self.head(self.embedding(words)).transpose(1, 2)


def test_scores_viewed_for_transposed_are_proved(run, verdict):
    words = torch.randint(9, (80, 6), generator=torch.Generator().manual_seed(0))
    loader = loader_of(words, words % 5)
    assert verdict("loss_pairing", model=ByPlace(), train_loader=loader) == "note"
    (finding,) = run(
        "loss_pairing", model=ByPlace(), train_loader=loader,
        loss_fn=lambda outputs, targets: F.cross_entropy(outputs.reshape(-1, 5), targets.flatten()),
    )  # fmt: skip
    assert finding.level == "proved"
    assert "mixes scores of several places" in finding.summary


def test_class_numbers_under_squared_error_are_a_note_with_advice(run):
    inputs, labels = digits_like()
    given = {"model": small_network(1), "train_loader": loader_of(inputs, labels.float()[:, None])}
    (finding,) = run("loss_pairing", loss_fn=nn.MSELoss(), **given)
    assert finding.level == "note"
    assert "whole numbers 0 .. 3" in finding.summary
    assert "CrossEntropyLoss" in finding.fix


def test_an_unknown_loss_is_skipped(run):
    assert "not known" in run("loss_pairing", loss_fn=nn.MultiMarginLoss()).reason


def divergence(scores, labels, taken):
    wanted = F.one_hot(labels, scores.shape[-1]).float()
    return F.kl_div(taken(scores, -1), wanted, reduction="batchmean")


@pytest.mark.parametrize(("taken", "level"), [(F.softmax, "proved"), (F.log_softmax, "note")])
def test_a_divergence_of_probabilities_is_proved(run, taken, level):
    found = run("loss_pairing", loss_fn=lambda outputs, targets: divergence(outputs, targets, taken))
    assert found[0].level == level
    assert ("KLDivLoss takes log-probabilities" in found[0].summary) == (level == "proved")


@pytest.mark.parametrize(("taken", "level"), [(F.softmax, "proved"), (F.log_softmax, "note")])
def test_a_divergence_in_the_training_step_is_seen_too(verdict, taken, level):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        outputs = model(batch[0])
        loss = F.cross_entropy(outputs, batch[1]) + 0.1 * divergence(outputs, batch[1], taken)
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("loss_pairing", training_step=step) == level


def test_a_clamped_loss_does_read_the_outputs(run):
    result = run("loss_pairing", loss_fn=lambda outputs, targets: F.cross_entropy(outputs, targets).clamp(max=0.5))
    assert "not known" in result.reason


class TwoViews(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = small_network(8)

    def forward(self, first, second):
        return self.network(first), self.network(second)


@pytest.mark.parametrize(("other", "level"), [(0, "suspect"), (1, "skipped")])
def test_views_that_are_compared_with_themselves_are_suspect(run, other, level):
    pixels, labels = digits_like()
    views = pixels + 0.3 * torch.randn(pixels.shape, generator=torch.Generator().manual_seed(1))
    batches = [((pixels[i : i + 40], views[i : i + 40]), labels[i : i + 40]) for i in range(0, 240, 40)]

    def likeness(outputs, targets):
        return nn.functional.cross_entropy(outputs[0] @ outputs[other].T, torch.arange(len(outputs[0])))

    result = run("loss_pairing", model=TwoViews(), train_loader=batches, loss_fn=likeness)
    if level == "skipped":
        assert "not known" in result.reason
    else:
        assert result[0].level == level
        assert "Input 2 of 2" in result[0].summary


class Drawing(nn.Module):
    """The drawing, and the mean of the code."""

    def __init__(self, squash=False):
        super().__init__()
        self.encode, self.decode, self.squash = nn.Linear(8, 3), nn.Linear(3, 8), squash

    def forward(self, inputs):
        code = self.encode(inputs)
        return self.decode(code), code.tanh() if self.squash else code


def penalised(weight, power=2):
    return lambda outputs, targets: (outputs[0] - targets).square().mean() + weight * outputs[1].abs().pow(power).mean()


def drawings():
    inputs = torch.randn(120, 8, generator=torch.Generator().manual_seed(2))
    return loader_of(inputs, inputs)


def test_a_penalty_that_is_subtracted_is_proved(run):
    given = {"model": Drawing(), "train_loader": drawings()}
    (finding,) = run("loss_pairing", loss_fn=penalised(-0.1), **given)
    assert finding.level == "proved"
    assert "falls without end as output 2 of 2 grows" in finding.summary
    assert finding.evidence["losses"][2] < -1e5


@pytest.mark.parametrize(
    ("squash", "weight", "power"),
    [(False, 0.1, 2), (True, -0.1, 2), (False, -0.1, 1)],
    ids=["added", "bounded", "linear"],
)
def test_penalties_with_an_end_and_linear_terms_are_left_alone(run, squash, weight, power):
    given = {"model": Drawing(squash), "train_loader": drawings()}
    skipped = run("loss_pairing", loss_fn=penalised(weight, power), **given)
    assert "is not known" in skipped.reason


class Taught(nn.Module):
    """A student beside a teacher that knows the patterns already."""

    def __init__(self):
        super().__init__()
        self.student, self.teacher = small_network(), nn.Sequential(nn.Flatten(), nn.Linear(64, 4))
        patterns = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(7)).flatten(1)
        self.teacher[1].weight.data, self.teacher[1].bias.data = patterns, -0.5 * patterns.square().sum(1)

    def forward(self, inputs):
        return self.student(inputs)


def soft_targets(model, inputs, labels, answers):
    with torch.no_grad():
        return F.kl_div(answers.log_softmax(1), model.teacher(inputs).softmax(1), reduction="batchmean")


def of_others(model, inputs, labels, answers):
    return soft_targets(model, inputs.flip(0), labels, answers)


def moving(model, inputs, labels, answers):
    return F.kl_div(answers.log_softmax(1), model.teacher(inputs).softmax(1), reduction="batchmean")


def also_taught(model, inputs, labels, answers):
    return moving(model, inputs, labels, answers) + F.cross_entropy(model.teacher(inputs.clone()), labels)


def only_taught(model, inputs, labels, answers):
    return F.cross_entropy(model.teacher(inputs), labels)


def step_with(second):
    def training_step(model, batch, optimizer):
        inputs, labels = batch
        optimizer.zero_grad()
        answers = model(inputs)
        loss = F.cross_entropy(answers, labels) + second(model, inputs, labels, answers)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.detach()

    return training_step


def shuffled_digits():
    inputs, labels = digits_like()
    order = torch.randperm(240, generator=torch.Generator().manual_seed(4))
    return loader_of(inputs[order], labels[order])


@pytest.mark.parametrize(
    ("second", "words"), [(of_others, "in another order"), (moving, "the same whatever the labels")]
)
def test_teachers_of_others_and_teachers_that_their_students_move_are_suspect(run, second, words):
    given = {"model": Taught(), "train_loader": shuffled_digits(), "training_step": step_with(second)}
    (finding,) = run("loss_pairing", **given)
    assert finding.level == "suspect"
    assert words in finding.summary
    assert finding.summary.startswith("teacher knows the labels (kappa 1.00")


@pytest.mark.parametrize("second", [soft_targets, also_taught, only_taught])
def test_frozen_teachers_and_heads_that_learn_from_labels_pass(verdict, second):
    given = {"model": Taught(), "train_loader": shuffled_digits(), "training_step": step_with(second)}
    assert verdict("loss_pairing", **given) == "note"
