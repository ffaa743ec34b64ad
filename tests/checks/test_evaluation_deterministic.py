import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, pipeline_of, small_network
from torch import Tensor, nn

from assay.checks.evaluation_deterministic import check
from assay.checks.given.cannot_check import CannotCheckError


class FunctionalDropout(nn.Module):
    def __init__(self, respects_mode: bool) -> None:
        super().__init__()
        self.network, self.respects_mode = small_network(), respects_mode

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(F.dropout(inputs, 0.3, training=self.training or not self.respects_mode))


class AlwaysNoisy(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs + 0.1 * torch.randn_like(inputs)


class StuckInTraining(nn.Dropout):
    def train(self, mode: bool = True) -> "StuckInTraining":
        return super().train(True)


def test_dropout_modules_pass(verdict):
    assert verdict("evaluation_deterministic", model=small_network().insert(2, nn.Dropout(0.5))) == "note"
    assert verdict("evaluation_deterministic", model=FunctionalDropout(respects_mode=True)) == "note"


def test_functional_dropout_left_on_is_proved(verdict):
    assert verdict("evaluation_deterministic", model=FunctionalDropout(respects_mode=False)) == "proved"


def test_the_first_noisy_module_is_named(run):
    (finding,) = run("evaluation_deterministic", model=small_network().insert(2, AlwaysNoisy()))
    assert finding.level == "proved"
    assert finding.evidence["first_module"] == "2"


class Block(nn.Module):
    """Drops units in its own forward, between two layers, whatever the mode."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.last = nn.Linear(64, 24), nn.Linear(24, 24)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(F.dropout(self.hidden(inputs), 0.3))


def test_the_module_whose_own_forward_draws_is_named_and_not_the_layer_after_it(run):
    (finding,) = run("evaluation_deterministic", model=nn.Sequential(nn.Flatten(), Block(), nn.Linear(24, 4)))
    assert finding.evidence["first_module"] == "1"
    assert "it starts in module 1, whose inputs are equal" in finding.summary
    (finding,) = run("evaluation_deterministic", model=FunctionalDropout(respects_mode=False))
    assert "it starts in the model's own forward, whose inputs are equal" in finding.summary


def test_a_module_that_stays_in_training_mode_is_named(run):
    (finding,) = run("evaluation_deterministic", model=small_network().insert(2, StuckInTraining(0.5)))
    assert finding.level == "proved"
    assert finding.evidence["in_training_mode"] == ["2"]


def test_nan_outputs_are_no_difference(verdict):
    model = small_network()
    with torch.no_grad():
        model[-1].bias[0] = float("nan")
    assert verdict("evaluation_deterministic", model=model) == "note"


def test_outputs_that_cannot_be_compared_are_skipped(program):
    class Box:
        def __init__(self, value) -> None:
            self.value = value

    class Boxed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.boxes = small_network(), False

        def forward(self, inputs):
            return Box(self.network(inputs)) if self.boxes else self.network(inputs)

    pipeline = pipeline_of(program(model=Boxed()))
    pipeline.model.boxes = True
    with pytest.raises(CannotCheckError, match="no tensors that can be compared"):
        check(pipeline)


class Remembering(nn.Module):
    """Adds a state that `keep` makes of this batch's features and the state before."""

    def __init__(self, keep) -> None:
        super().__init__()
        self.keep, self.state = keep, 0.0
        self.features, self.head = nn.Sequential(nn.Flatten(), nn.Linear(64, 8)), nn.Linear(8, 4)

    def forward(self, inputs):
        values = self.features(inputs)
        self.state = self.keep(values, self.state)
        return self.head(values + self.state)


def test_a_state_that_mixes_examples_of_two_batches_is_proved(run):
    model = Remembering(lambda values, state: (0.5 * state + values.mean(0)).detach())
    (finding,) = run("evaluation_deterministic", model=model)
    assert finding.level == "proved"
    assert "other examples of the batch before" in finding.summary


def test_a_row_that_goes_on_is_told_only(run):
    model = Remembering(
        lambda values, state: (values + (0.5 * state if getattr(state, "shape", 0) == values.shape else 0)).detach()
    )
    (finding,) = run("evaluation_deterministic", model=model)
    assert finding.level == "note"
    assert "each row carries a state on" in finding.summary


def test_a_state_made_anew_at_each_call_passes(run):
    (finding,) = run("evaluation_deterministic", model=Remembering(lambda values, state: values.detach()))
    assert "bit-identical" in finding.summary


def test_a_model_that_draws_from_a_distribution_it_returns_is_a_note(run):
    class Variational(nn.Module):
        def __init__(self):
            super().__init__()
            self.encode, self.decode = nn.Linear(64, 8), nn.Linear(4, 64)

        def forward(self, inputs):
            mean, log_variance = self.encode(inputs.flatten(1)).chunk(2, 1)
            code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            return self.decode(code), mean, log_variance

    def loss_fn(outputs, targets):
        return F.mse_loss(outputs[0], targets.flatten(1)) + outputs[1].square().mean()

    inputs = digits_like(160)[0]
    (finding,) = run(
        "evaluation_deterministic", model=Variational(), loss_fn=loss_fn, train_loader=loader_of(inputs, inputs)
    )
    assert finding.level == "note"
    assert "the model draws from a distribution" in finding.summary


class Masked(nn.Module):
    """An autoencoder that sees half of its inputs, in both modes."""

    def __init__(self, gives: str) -> None:
        super().__init__()
        self.gives, self.layer = gives, nn.Linear(64, 64)

    def forward(self, inputs):
        inputs = inputs.flatten(1)
        mask = (torch.rand_like(inputs) < 0.5).float()
        answer = self.layer(inputs * (1 - mask))
        loss = ((answer - inputs) ** 2 * mask).sum() / mask.sum()
        return {"loss": loss, "answer": answer, "answer and mask": (answer, mask), "label": answer[:, :4]}[self.gives]


def masked_error(outputs, targets):
    return ((outputs[0] - targets.flatten(1)) ** 2 * outputs[1]).sum() / outputs[1].sum()


@pytest.mark.parametrize(
    ("gives", "loss_fn", "told"),
    [
        ("loss", lambda outputs, targets: outputs, "no targets"),
        ("answer and mask", masked_error, "it returns what it drew"),
    ],
)
def test_a_mask_that_is_the_task_is_told_only(run, gives, loss_fn, told):
    program = {"train_loader": loader_of(digits_like()[0], digits_like()[0].flip(-1)), "loss_fn": loss_fn}
    (finding,) = run("evaluation_deterministic", model=Masked(gives), **program)
    assert finding.level == "note"
    assert told in finding.summary


def test_an_answer_to_the_inputs_themselves_may_draw(run):
    inputs = digits_like()[0].flatten(1)
    program = {"train_loader": loader_of(inputs, inputs), "loss_fn": nn.MSELoss()}
    (finding,) = run("evaluation_deterministic", model=Masked("answer"), **program)
    assert finding.level == "note"
    assert "its targets are its inputs" in finding.summary


def test_a_mask_before_labels_is_proved(verdict):
    assert verdict("evaluation_deterministic", model=Masked("label")) == "proved"


def test_noise_on_one_of_two_answers_is_proved(verdict):
    class TwoHeads(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(64, 4), nn.Linear(64, 4)
            nn.init.zeros_(self.second.weight)

        def forward(self, inputs):
            inputs = inputs.flatten(1)
            second = self.second(inputs)
            return self.first(inputs), second + torch.randn_like(second)

    def both(outputs, targets):
        return sum(F.cross_entropy(logits, targets) for logits in outputs)

    assert verdict("evaluation_deterministic", model=TwoHeads(), loss_fn=both) == "proved"


def test_a_module_stuck_in_training_is_proved_before_a_loss_without_targets(verdict):
    model = nn.Sequential(nn.Flatten(), StuckInTraining(0.5), nn.Linear(64, 4))
    given = {"model": model, "loss_fn": lambda outputs, targets: outputs.square().mean()}
    assert verdict("evaluation_deterministic", **given) == "proved"


def test_noise_before_words_that_are_their_own_targets_is_proved(verdict):
    class Speaking(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.head = nn.Embedding(8, 6), nn.Linear(6, 8)

        def forward(self, words):
            return self.head(F.dropout(self.table(words), 0.5))

    def next_word(outputs, words):
        return F.cross_entropy(outputs[:, :-1].flatten(0, 1), words[:, 1:].flatten())

    words = torch.randint(8, (80, 6), generator=torch.Generator().manual_seed(0))
    given = {"model": Speaking(), "train_loader": loader_of(words, words), "loss_fn": next_word}
    assert verdict("evaluation_deterministic", **given) == "proved"
