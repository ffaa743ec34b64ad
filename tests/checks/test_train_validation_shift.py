import pytest
import torch
from check_programs import digits_like, loader_of
from torch import nn

from assay.checks.experiments.input_conventions import input_range, is_rescaled

SEED = 3


def pictures(seed, count=120):
    """Bytes of three channels of their own brightness, with shapes in them."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 3, 3, generator=generator)
    images = nn.functional.interpolate(coarse, size=9, mode="bilinear") * torch.tensor([1.0, 0.7, 0.4])[:, None, None]
    return (images * 255).round().clamp(0, 255), torch.arange(count) % 4


def normalise(images):
    means, deviations = torch.tensor([0.5, 0.35, 0.2]), torch.tensor([0.2, 0.15, 0.08])
    return (images / 255 - means[:, None, None]) / deviations[:, None, None]


def network():
    return nn.Sequential(nn.Flatten(), nn.Linear(243, 4))


def compared(run, train, validation, **given):
    images, labels = pictures(0)
    others, other_labels = pictures(1)
    loaders = {
        "train_loader": loader_of(train(images), labels),
        "val_loader": loader_of(validation(others), other_labels),
    }
    (finding,) = run("train_validation_shift", model=network(), **loaders, **given)
    return finding


def test_alike_is_told_with_numbers(run):
    finding = compared(run, normalise, normalise)
    assert finding.level == "note"
    assert "cannot be told apart" in finding.summary
    assert finding.evidence["mean_gap"] < 5


@pytest.mark.parametrize(
    ("train", "validation", "ranges"),
    [
        (normalise, lambda x: x / 255, ["normalised", "0..1"]),
        (normalise, lambda x: x, ["normalised", "0..255"]),
        (lambda x: x / 255, lambda x: x, ["0..1", "0..255"]),
        (lambda x: x / 127.5 - 1, lambda x: x / 255, ["-1..1", "0..1"]),
        (lambda x: x / 255, normalise, ["0..1", "normalised"]),
    ],
    ids=["not normalised", "raw bytes", "not divided", "other range", "train not normalised"],
)
def test_forgotten_preprocessing_is_suspect(run, train, validation, ranges):
    finding = compared(run, train, validation)
    assert finding.level == "suspect"
    assert finding.evidence["ranges"] == ranges
    assert "preprocessed differently" in finding.cause


def test_swapped_channels_are_suspect(run):
    finding = compared(run, lambda x: x / 255, lambda x: x.flip(1) / 255)
    assert finding.level == "suspect"
    assert finding.evidence["order"] == [2, 1, 0]
    assert "BGR" in finding.cause


@pytest.mark.parametrize(
    "shift",
    [
        lambda x: normalise(x) + 0.7,
        lambda x: normalise(x) * 1.3,
        lambda x: normalise((x * 0.6).round()),
        lambda x: normalise(x).flip(-1),
        lambda x: normalise(x) + 0.5 * torch.randn(x.shape, generator=torch.Generator().manual_seed(SEED)),
        lambda x: normalise(x).roll(1, 0).rot90(1, (2, 3)),
    ],
    ids=["offset", "contrast", "darker", "mirrored", "noisy", "rotated"],
)
def test_shifts_that_may_be_meant_are_notes(run, shift):
    assert compared(run, normalise, shift).level == "note"


def test_augmented_training_is_a_note(run):
    def augment(images):
        generator = torch.Generator().manual_seed(SEED)
        noisy = normalise(images) + torch.randn(images.shape, generator=generator)
        noisy[:, :, 2:5, 3:6] = 0
        return noisy

    assert compared(run, augment, normalise).level == "note"


def test_table_with_unscaled_validation_is_suspect(run):
    generator = torch.Generator().manual_seed(SEED)
    table = torch.randn(400, 5, generator=generator) * torch.tensor([0.1, 4.0, 20.0, 7.0, 300.0]) + 500
    means, deviations = table[:240].mean(0), table[:240].std(0)
    train = loader_of((table[:240] - means) / deviations, torch.arange(240) % 4)
    labels = torch.arange(160) % 4
    (finding,) = run(
        "train_validation_shift", model=nn.Linear(5, 4), train_loader=train, val_loader=loader_of(table[240:], labels)
    )
    assert finding.level == "suspect"
    scaled = (table[240:] - means) / deviations
    for validation in (scaled, scaled + torch.tensor([0.0, 3, 0, 0, 0]), 2 * scaled):
        given = {"train_loader": train, "val_loader": loader_of(validation, labels)}
        (finding,) = run("train_validation_shift", model=nn.Linear(5, 4), **given)
        assert finding.level == "note"


def test_ranges_by_hand():
    assert input_range(torch.linspace(0, 1, 50)[:, None, None]) == "0..1"
    assert input_range(torch.linspace(0, 255, 50)[:, None, None]) == "0..255"
    assert input_range(torch.linspace(-1.7, 1.7, 50)[:, None, None]) == "normalised"
    assert input_range(torch.linspace(5, 9, 50)[:, None, None]) is None
    values = torch.linspace(0, 1, 2000)[:, None].square()
    assert is_rescaled(values, 4 * values - 1)
    assert not is_rescaled(values, values.sqrt() * 4)
    assert not is_rescaled(values, values + 3)


def test_values_of_few_kinds_that_lie_in_some_pixels_are_compared_as_they_are():
    chance = torch.Generator().manual_seed(0)
    share = torch.linspace(0, 1, 8)[None, None, None, :]  # ink lies to the right: every n-th pixel would mislead
    ink, shade = torch.rand(1400, 1, 8, 8, generator=chance), torch.randint(1, 17, (1400, 1, 8, 8), generator=chance)
    pictures = (ink < share) * shade
    assert is_rescaled(pictures[:1000] / 5.0 - 1.0, 255.0 * pictures[1000:] / 16.0)


def test_what_cannot_be_compared_is_said(run):
    assert "no val_loader" in run("train_validation_shift").reason
    assert "at least 24" in run("train_validation_shift", val_loader=loader_of(*digits_like(10))).reason
    words = loader_of(torch.randint(5, (80, 3)), torch.arange(80) % 4)
    model = nn.Sequential(nn.Embedding(5, 4), nn.Flatten(), nn.Linear(12, 4))
    reason = run("train_validation_shift", model=model, train_loader=words, val_loader=words).reason
    assert "numbers that have a scale" in reason


def waves_in_units_of_their_own(classes):
    """Normalised training waves of one pitch for each class, and validation at another mean and deviation."""
    chance = torch.Generator().manual_seed(SEED)
    labels = torch.arange(480) % classes
    pitch = 0.4 + 0.5 * labels[:, None, None]
    phase = 6.3 * torch.rand(480, 1, 1, generator=chance)
    waves = torch.sin(torch.arange(32) * pitch + phase) + 0.1 * torch.randn(480, 1, 32, generator=chance)
    waves = (waves - waves.mean()) / waves.std()
    return loader_of(waves[:320], labels[:320]), loader_of(40 + 6 * waves[320:], labels[320:])


def test_validation_that_lacks_the_normalisation_of_waves_is_suspect(run):
    train, validation = waves_in_units_of_their_own(4)
    layers = [nn.Conv1d(1, 8, 9), nn.ReLU(), nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(32, 4)]
    (finding,) = run("train_validation_shift", model=nn.Sequential(*layers), train_loader=train, val_loader=validation)
    assert finding.level == "suspect"
    assert "in training's scale" in finding.summary
    blind = [nn.BatchNorm1d(1, track_running_stats=False), *layers]  # each batch is normalised anyway
    (finding,) = run("train_validation_shift", model=nn.Sequential(*blind), train_loader=train, val_loader=validation)
    assert finding.level == "note"


def judged(run, change, *, labels=lambda labels: labels, train=lambda inputs: inputs):
    """The finding where validation inputs, validation labels or training inputs are changed."""
    torch.manual_seed(SEED)
    (inputs, own), (others, theirs) = digits_like(320), digits_like(320, seed=1)
    loaders = {"train_loader": loader_of(train(inputs), own), "val_loader": loader_of(change(others), labels(theirs))}
    (finding,) = run("train_validation_shift", **loaders)
    return finding


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: 1 - x, "negative"),
        (lambda x: x.transpose(-1, -2), "transposed"),
        (lambda x: x.rot90(1, (-2, -1)), "turned by three quarters"),
    ],
    ids=["negative", "transposed", "quarter turn"],
)
def test_pictures_that_an_exact_change_restores_are_suspect(run, change, name):
    finding = judged(run, change)
    assert finding.level == "suspect"
    assert finding.evidence["change"] == name
    assert finding.evidence["kappa_changed"] > 0.9 > 0.5 > finding.evidence["kappa"]


def test_classes_in_another_order_are_suspect(run):
    finding = judged(run, lambda x: x, labels=lambda labels: 3 - labels)
    assert finding.level == "suspect"
    assert "two lists in different order" in finding.cause


def test_training_inputs_that_lost_their_classes_are_suspect(run):
    finding = judged(run, lambda x: x, train=lambda x: x + 60 * torch.randn(x.shape))
    assert finding.level == "suspect"
    assert "tell nothing of the classes" in finding.summary


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: x + torch.randn(x.shape),
        lambda x: 0.5 * x,
        lambda x: torch.where(torch.rand(len(x), 1, 1, 1) < 0.3, x.flip(-1), x),
    ],
    ids=["alike", "noisier", "fainter", "some mirrored"],
)
def test_shifts_that_leave_the_task_are_notes(run, change):
    assert judged(run, change).level == "note"


def test_augmented_training_that_keeps_the_classes_is_a_note(run):
    noise = judged(run, lambda x: x, train=lambda x: x + 1.5 * torch.randn(x.shape))
    assert noise.level == "note"


def test_words_are_compared_by_what_they_say_of_classes(run):
    generator = torch.Generator().manual_seed(SEED)
    words, labels = torch.randint(4, 30, (300, 6), generator=generator), torch.arange(300) % 4
    words[:, 2] = labels  # a word that tells the class
    model = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(48, 4))
    train = loader_of(words[:200], labels[:200])
    given = {"model": model, "train_loader": train}
    (finding,) = run("train_validation_shift", val_loader=loader_of(words[200:], 3 - labels[200:]), **given)
    assert finding.evidence["change"] == "renumbered"
    skipped = run("train_validation_shift", val_loader=loader_of(words[200:], labels[200:]), **given)
    assert "numbers that have a scale" in skipped.reason


def grey(images):
    """The first channel's shades with some black and some white."""
    return (1.4 * images[:, :1] / 255 - 0.2).clamp(0, 1).square().expand(-1, 3, -1, -1)


def test_negatives_are_suspect_without_help_of_labels(run):
    finding = compared(run, grey, lambda x: 1 - grey(x))
    assert finding.level == "suspect"
    assert finding.evidence["change"] == "negative"
    assert "with black and white exchanged" in finding.cause


@pytest.mark.parametrize("change", [lambda x: 0.3 * x, lambda x: x + 0.5, lambda x: x.sqrt(), lambda x: 0.8 - 0.8 * x])
def test_other_shades_are_no_negatives(run, change):
    finding = compared(run, grey, lambda x: change(grey(x)))
    assert finding.level == "note"
    assert finding.evidence["strength"] > 0.4  # they are told apart


def whether_equal(count, seed, inverted=False):
    """Pairs of patterns, half of them of one class, with 1 where they are."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.randn(6, 16, generator=torch.Generator().manual_seed(7))
    classes = torch.randint(0, 6, (count,), generator=generator)
    others = torch.where(torch.rand(count, generator=generator) < 0.5, classes, (classes + 1) % 6)
    pair = [patterns[c] + 0.3 * torch.randn(count, 16, generator=generator) for c in (classes, others)]
    same = (classes == others).float()
    batches = [(tuple(side[i : i + 40] for side in pair), same[i : i + 40]) for i in range(0, count, 40)]
    return [(inputs, 1.0 - labels) if inverted else (inputs, labels) for inputs, labels in batches]


class Distance(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Linear(16, 4)

    def forward(self, first, second):
        return self.embed(first), self.embed(second)


def contrastive(outputs, same):
    apart = (outputs[0] - outputs[1]).square().sum(-1).add(1e-8).sqrt()
    return (same * apart.square() + (1.0 - same) * (1.0 - apart).clamp_min(0.0).square()).mean()


@pytest.mark.parametrize(("inverted", "level"), [(True, "suspect"), (False, "note")])
def test_pairs_labelled_the_other_way_round_are_suspect_whatever_the_loss(run, inverted, level):
    given = {"model": Distance(), "loss_fn": contrastive, "train_loader": whether_equal(240, 1, inverted)}
    (finding,) = run("train_validation_shift", val_loader=whether_equal(120, 2), **given)
    assert finding.level == level
    assert ("renumbered" in str(finding.evidence)) is inverted


def rows(columns, count=60, seed=0):
    return torch.randn(count, columns, generator=torch.Generator().manual_seed(seed)), torch.arange(count) % 4


def test_validation_of_another_width_than_the_network_takes_is_proved(run):
    loaders = {"train_loader": loader_of(*rows(20)), "val_loader": loader_of(*rows(19, seed=1))}
    (finding,) = run("train_validation_shift", model=nn.Linear(20, 4), **loaders)
    assert finding.level == "proved"
    assert "takes training inputs of (20,) float32 and raises on validation inputs of (19,) float32" in finding.summary
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied" in finding.summary


def test_a_word_that_the_table_lacks_is_proved(run):
    model = nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(12, 4))
    words, labels = torch.randint(5, (60, 4), generator=torch.Generator().manual_seed(0)), torch.arange(60) % 4
    loaders = {"train_loader": loader_of(words, labels), "val_loader": loader_of(words + 1, labels)}
    (finding,) = run("train_validation_shift", model=model, **loaders)
    assert finding.level == "proved"
    assert "IndexError" in finding.summary


def test_crops_that_an_evaluation_takes_apart_are_told_only(run):
    crops = rows(20)[0][:, None].repeat(1, 5, 1)[:, None].transpose(1, 2)
    pictures_of_rows = rows(20)[0][:, None, None]
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten(), nn.Linear(40, 4))
    loaders = {
        "train_loader": loader_of(pictures_of_rows, rows(20)[1]),
        "val_loader": loader_of(crops[:, :, None], rows(20)[1]),
    }
    (finding,) = run("train_validation_shift", model=model, **loaders)
    assert finding.level == "note"
    assert "raises on validation inputs of (5, 1, 1, 20)" in finding.summary


def test_a_network_of_one_batch_size_is_not_said_to_refuse_validation(run):
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.state = nn.Linear(20, 4), nn.Parameter(torch.zeros(40, 4))

        def forward(self, inputs):
            return self.layer(inputs) + self.state

    batches = [(inputs, labels) for inputs, labels in [rows(20, 40), rows(20, 40, seed=1)]]
    given = {"train_loader": batches, "val_loader": [rows(20, 10, seed=2)]}
    result = run("train_validation_shift", model=Fixed(), **given)
    assert "raises on validation" not in str(result)


def regression(seed, scale=1.0, offset=0.0, columns=6):
    inputs = rows(columns, 200, seed)[0]
    return loader_of(inputs, offset + scale * inputs.mean(1, keepdim=True) * columns**0.5)


@pytest.mark.parametrize(("scale", "offset", "is_told"), [(50.0, 300.0, True), (1.0, 0.0, False), (1.3, 0.5, False)])
def test_targets_in_other_units_than_standardised_ones_are_told(run, scale, offset, is_told):
    loaders = {"train_loader": regression(0), "val_loader": regression(1, scale, offset)}
    findings = run("train_validation_shift", model=nn.Linear(6, 1), loss_fn=nn.MSELoss(), **loaders)
    told = [finding for finding in findings if "Targets of one side are standardised" in finding.summary]
    assert [finding.level for finding in told] == ["note"] * is_told
    assert all(finding.evidence["validation"][0] == pytest.approx(300, abs=20) for finding in told)
