import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


def focal(outputs, targets):
    losses = F.cross_entropy(outputs, targets, reduction="none")
    return ((1 - (-losses).exp()) ** 2 * losses).mean()


def flooding(outputs, targets):
    return (F.cross_entropy(outputs, targets) - 0.1).abs() + 0.1


def kept_finite(outputs, targets):
    return -outputs.softmax(1).clamp(min=1e-7).log().gather(1, targets[:, None]).mean()


def hardest_half(outputs, targets):
    losses = F.cross_entropy(outputs, targets, reduction="none")
    return losses.topk(len(losses) // 2).values.mean()


def each_clamped(outputs, targets):
    return F.cross_entropy(outputs, targets, reduction="none").clamp(max=2.0).mean()


def mean_clamped(outputs, targets):
    return F.cross_entropy(outputs, targets).clamp(max=1.0)


HEALTHY = {
    "cross entropy": F.cross_entropy, "hinge": F.multi_margin_loss, "focal": focal, "flooding": flooding,
    "log kept finite": kept_finite, "hard examples": hardest_half,
    "smoothing": nn.CrossEntropyLoss(label_smoothing=0.2),
}  # fmt: skip


@pytest.mark.parametrize("loss_fn", HEALTHY.values(), ids=HEALTHY)
def test_healthy_losses_of_classes(verdict, loss_fn):
    assert verdict("loss_clipping", loss_fn=loss_fn) == "note"


@pytest.mark.parametrize("loss_fn", [each_clamped, mean_clamped])
def test_clamped_losses_of_classes_are_proved(run, loss_fn):
    (finding,) = run("loss_clipping", loss_fn=loss_fn)
    assert finding.level == "proved"
    assert "clip_grad_norm_" in finding.fix
    assert "gradient is exactly 0" in finding.summary


def test_a_loss_clamped_in_the_step_is_proved(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1]).clamp(max=2.0)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    assert run("loss_clipping", training_step=step)[0].level == "proved"


def test_gradients_clipped_in_the_step_pass(verdict):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.01)
        optimizer.step()
        return loss

    assert verdict("loss_clipping", training_step=step) == "note"


REGRESSION = {
    "squared": F.mse_loss,
    "Huber": F.huber_loss,
    "absolute": F.l1_loss,
    "log cosh": lambda o, t: (o - t).cosh().log().mean(),
}


@pytest.mark.parametrize("loss_fn", REGRESSION.values(), ids=REGRESSION)
def test_healthy_losses_of_numbers(verdict, loss_fn):
    inputs, labels = digits_like()
    loader = loader_of(inputs, 3.0 * labels.float()[:, None])
    assert verdict("loss_clipping", model=small_network(1), train_loader=loader, loss_fn=loss_fn) == "note"


@pytest.mark.parametrize("each", [True, False])
def test_clamped_losses_of_numbers_are_proved(run, each):
    def loss_fn(outputs, targets):
        losses = (outputs - targets).square()
        return losses.clamp(max=1.0).mean() if each else losses.mean().clamp(max=1.0)

    inputs, labels = digits_like()
    loader = loader_of(inputs, labels.float()[:, None])
    (finding,) = run("loss_clipping", model=small_network(1), train_loader=loader, loss_fn=loss_fn)
    assert finding.level == "proved"
    assert "standard deviations off" in finding.summary


@pytest.mark.parametrize(("most", "expected"), [(float("inf"), "note"), (1.5, "proved")])
@pytest.mark.parametrize("probabilities", [False, True])
def test_binary_losses(verdict, most, expected, probabilities):
    inputs, labels = digits_like()
    loader = loader_of(inputs, (labels[:, None] == torch.arange(3)).float())
    model = small_network(3).append(nn.Sigmoid() if probabilities else nn.Identity())
    base = F.binary_cross_entropy if probabilities else F.binary_cross_entropy_with_logits

    def loss_fn(outputs, targets):
        return base(outputs, targets, reduction="none").clamp(max=most).mean()

    assert verdict("loss_clipping", model=model, train_loader=loader, loss_fn=loss_fn) == expected


def test_log_probabilities_pass(verdict):
    model = small_network().append(nn.LogSoftmax(1))
    assert verdict("loss_clipping", model=model, loss_fn=nn.NLLLoss()) == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    model = small_network()
    reason = run("loss_clipping", model=model, optimizer=torch.optim.LBFGS(model.parameters())).reason
    assert "inside its step" in reason
    assert (
        "gets a gradient"
        in run("loss_clipping", loss_fn=lambda outputs, targets: (outputs * 0).sum().detach() + 1).reason
    )
    inputs, labels = digits_like()
    given = {
        "model": small_network(3),
        "train_loader": loader_of(inputs, torch.stack([labels.float(), labels.float()], 1)),
        "loss_fn": lambda o, t: o.mean(),
    }
    assert "cannot be told" in run("loss_clipping", **given).reason


def test_a_step_that_needs_gradients_of_the_weights_is_skipped_with_the_reason(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        F.cross_entropy(model(batch[0]), batch[1]).backward()
        torch.stack([parameter.grad.norm() for parameter in model.parameters() if parameter.grad is not None])

    assert "does not work on made-up outputs" in run("loss_clipping", training_step=step).reason


def test_a_clamp_far_below_the_start_is_proved(run):
    (finding,) = run("loss_clipping", loss_fn=lambda outputs, targets: F.cross_entropy(outputs, targets).clamp(max=0.5))
    assert finding.level == "proved"
    assert "0.95 on the right class still has one" in finding.summary


class EachPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.head = nn.Embedding(6, 8), nn.Linear(8, 6)

    def forward(self, words):
        return self.head(self.embedding(words))


@pytest.mark.parametrize(("most", "level"), [(0.5, "proved"), (1e9, "note")])
def test_a_clamped_loss_of_words_with_padding_is_proved(verdict, most, level):
    def loss_fn(scores, targets):
        return F.cross_entropy(scores.flatten(0, 1), targets.flatten()).clamp(max=most)

    words = torch.randint(1, 6, (80, 7), generator=torch.Generator().manual_seed(0))
    targets = words.roll(-1, 1).index_fill(1, torch.tensor([6]), -100)
    given = {"model": EachPlace(), "train_loader": loader_of(words, targets), "loss_fn": loss_fn}
    assert verdict("loss_clipping", **given) == level
    assert verdict("labels_valid", **given) == "note"
