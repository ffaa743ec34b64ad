import pytest
import torch
import torch.nn.functional as F
from check_programs import loader_of
from torch import nn

VOCABULARY, LENGTH = 11, 9


class Attention(nn.Module):
    """A small transformer; `causal` masks the future."""

    def __init__(self, *, causal: bool, classes_last: bool = True) -> None:
        super().__init__()
        self.causal, self.classes_last = causal, classes_last
        self.words, self.places = nn.Embedding(VOCABULARY, 16), nn.Embedding(LENGTH, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
        self.head = nn.Linear(16, VOCABULARY)

    def forward(self, words):
        length = words.shape[1]
        hidden = self.words(words) + self.places(torch.arange(length))
        mask = torch.ones(length, length).triu(1).bool() if self.causal else None
        scores = self.head(self.block(hidden, src_mask=mask))
        return scores if self.classes_last else scores.transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self, *, both_ways: bool) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, 16)
        self.layer = nn.GRU(16, 8, batch_first=True, bidirectional=both_ways)
        self.head = nn.Linear(16 if both_ways else 8, VOCABULARY)

    def forward(self, words):
        return self.head(self.layer(self.words(words))[0])


def rows_of_words():
    return torch.randint(VOCABULARY, (80, LENGTH), generator=torch.Generator().manual_seed(0))


def flat_loss(outputs, targets):
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


def language_model(model, loss_fn=flat_loss):
    words = rows_of_words()
    return {"model": model, "train_loader": loader_of(words[:, :-1], words[:, 1:]), "loss_fn": loss_fn}


def test_causal_language_models_pass(run):
    for model in (Attention(causal=True), Recurrent(both_ways=False)):
        (finding,) = run("time_dependency", **language_model(model))
        assert finding.level == "note"
        assert finding.evidence["ahead"] == 0
        assert "next element depend on the present and the past" in finding.summary
    given = language_model(Attention(causal=True, classes_last=False), nn.CrossEntropyLoss())
    assert run("time_dependency", **given)[0].level == "note"


def test_a_look_ahead_of_a_language_model_is_proved(run):
    for model in (Attention(causal=False), Recurrent(both_ways=True)):
        (finding,) = run("time_dependency", **language_model(model))
        assert finding.level == "proved"
        assert finding.evidence["ahead"] > 0
        assert "leaks" in finding.summary
    given = language_model(Attention(causal=False, classes_last=False), nn.CrossEntropyLoss())
    assert run("time_dependency", **given)[0].level == "proved"


def test_flattened_scores_are_placed(verdict):
    model = nn.Sequential(Attention(causal=False), nn.Flatten(0, 1))
    given = language_model(model, lambda outputs, targets: F.cross_entropy(outputs, targets.flatten()))
    assert verdict("time_dependency", **given) == "proved"


def test_targets_that_were_not_shifted_are_proved(run):
    words = rows_of_words()
    given = {"model": Attention(causal=True), "train_loader": loader_of(words, words), "loss_fn": flat_loss}
    (finding,) = run("time_dependency", **given)
    assert finding.level == "proved"
    assert "only has to copy" in finding.summary


def shifted_loss(outputs, targets):
    return F.cross_entropy(outputs[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


@pytest.mark.parametrize(("causal", "level"), [(True, "note"), (False, "proved")])
def test_a_loss_that_shifts_itself(verdict, causal, level):
    words = rows_of_words()
    given = {"train_loader": loader_of(words, words), "loss_fn": shifted_loss}
    assert verdict("time_dependency", model=Attention(causal=causal), **given) == level


def test_targets_shifted_twice_are_suspect(run):
    (finding,) = run("time_dependency", **language_model(Attention(causal=True), shifted_loss))
    assert finding.level == "suspect"
    assert "2 places later" in finding.summary


def test_padding_may_be_ignored(verdict):
    words = rows_of_words()
    targets = words[:, 1:].clone()
    targets[::2, 6:] = -100
    for causal, level in ((True, "note"), (False, "proved")):
        given = {"train_loader": loader_of(words[:, :-1], targets), "loss_fn": flat_loss}
        assert verdict("time_dependency", model=Attention(causal=causal), **given) == level


class CountsWords(nn.Module):
    """Packs rows to the words they have, 0 being padding; reads from left to right, or both ways."""

    def __init__(self, *, both_ways: bool) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, 16, padding_idx=0)
        self.layer = nn.GRU(16, 16, batch_first=True, bidirectional=both_ways)
        self.head = nn.Linear(32 if both_ways else 16, VOCABULARY)

    def forward(self, words):
        lengths = (words != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.words(words), lengths, batch_first=True, enforce_sorted=False)
        hidden = nn.utils.rnn.pad_packed_sequence(self.layer(packed)[0], batch_first=True, total_length=words.shape[1])
        return self.head(hidden[0])


def padded_rows(*, shifted: bool):
    """Rows of 4 to 8 words from 1 on, 0 after them; targets are the next words, or the inputs; -100 after the end."""
    words = rows_of_words().clamp_min(1)
    ends = torch.randint(4, LENGTH, (len(words), 1), generator=torch.Generator().manual_seed(2))
    real = torch.arange(LENGTH - 1)[None] < ends
    targets = words[:, 1:] if shifted else words[:, :-1]
    return loader_of(torch.where(real, words[:, :-1], 0), torch.where(real, targets, -100))


@pytest.mark.parametrize(
    "make", [lambda ahead: Attention(causal=not ahead), lambda ahead: CountsWords(both_ways=ahead)]
)
@pytest.mark.parametrize(("ahead", "level"), [(False, "note"), (True, "proved")])
def test_padded_inputs_are_read_too(run, make, ahead, level):
    """The answer to the last word of a padded row is not among the inputs."""
    given = {"train_loader": padded_rows(shifted=True), "loss_fn": flat_loss}
    (finding,) = run("time_dependency", model=make(ahead), **given)
    assert finding.level == level
    assert finding.evidence["predicts"] == 1


def test_a_loss_that_shifts_padded_rows_itself_passes(run):
    given = {"train_loader": padded_rows(shifted=False), "loss_fn": shifted_loss}
    (finding,) = run("time_dependency", model=CountsWords(both_ways=False), **given)
    assert finding.level == "note"
    assert finding.evidence["predicts"] == 1
    (copying,) = run("time_dependency", **given | {"model": CountsWords(both_ways=False), "loss_fn": flat_loss})
    assert "only has to copy" in copying.summary


def test_taggers_may_look_ahead(run):
    words = rows_of_words()
    given = {"model": Attention(causal=False), "train_loader": loader_of(words, (words + 3) % 5), "loss_fn": flat_loss}
    (finding,) = run("time_dependency", **given)
    assert finding.level == "note"
    assert "places ahead" in finding.summary


def test_a_masked_language_model_may_look_ahead(verdict):
    words = rows_of_words()
    hidden = torch.rand(words.shape, generator=torch.Generator().manual_seed(1)) < 0.3
    inputs, targets = torch.where(hidden, 0, words), torch.where(hidden, words, -100)
    given = {"train_loader": loader_of(inputs, targets), "loss_fn": flat_loss}
    assert verdict("time_dependency", model=Attention(causal=False), **given) == "note"


def test_an_autoencoder_of_sequences_is_no_copy(verdict):
    words = rows_of_words()
    given = {"train_loader": loader_of(words, words), "loss_fn": flat_loss}
    assert verdict("time_dependency", model=Attention(causal=False), **given) == "note"


class Filter(nn.Module):
    """A convolution over time, padded on the left or on both sides."""

    def __init__(self, *, causal: bool, channels_first: bool) -> None:
        super().__init__()
        self.causal, self.channels_first = causal, channels_first
        self.first, self.last = nn.Conv1d(2, 8, 3), nn.Conv1d(8, 2, 1)

    def forward(self, signal):
        signal = signal if self.channels_first else signal.transpose(1, 2)
        signal = self.last(F.relu(self.first(F.pad(signal, (2, 0) if self.causal else (1, 1)))))
        return signal if self.channels_first else signal.transpose(1, 2)


@pytest.mark.parametrize("channels_first", [True, False])
@pytest.mark.parametrize(("causal", "level"), [(True, "note"), (False, "proved")])
def test_forecasts_of_signals(verdict, channels_first, causal, level):
    signal = torch.randn(80, 12, 2, generator=torch.Generator().manual_seed(0)).cumsum(1)
    inputs, targets = signal[:, :-1], signal[:, 1:]
    if channels_first:
        inputs, targets = inputs.transpose(1, 2), targets.transpose(1, 2)
    given = {"train_loader": loader_of(inputs.contiguous(), targets.contiguous()), "loss_fn": nn.MSELoss()}
    assert verdict("time_dependency", model=Filter(causal=causal, channels_first=channels_first), **given) == level


class Translator(nn.Module):
    """Reads a source, and writes what comes after each written word; `causal` for the written side."""

    def __init__(self, *, causal: bool) -> None:
        super().__init__()
        self.source, self.writer = nn.Embedding(VOCABULARY, 16), Attention(causal=causal)

    def forward(self, source, written):
        return self.writer(written) + self.source(source).mean(1, keepdim=True) @ self.writer.head.weight.t()


@pytest.mark.parametrize(("causal", "level"), [(True, "note"), (False, "proved")])
def test_teacher_forcing_follows_the_written_side(verdict, causal, level):
    words, source = rows_of_words(), rows_of_words().flip(0)
    batches = [((source[i : i + 20], words[i : i + 20, :-1]), words[i : i + 20, 1:]) for i in range(0, 80, 20)]
    assert verdict("time_dependency", model=Translator(causal=causal), train_loader=batches, loss_fn=flat_loss) == level


def test_pictures_are_skipped(run):
    assert "no axis of time" in run("time_dependency").reason
