import numpy as np
import pytest
import torch
from check_programs import digits_like, loader_of, small_network
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, TensorDataset

from assay.figure import Images


class Augmented(Dataset):
    def __init__(self, seed: int = 1, noise: float = 0.2, denoise: bool = False) -> None:
        self.inputs, self.labels = digits_like(80, seed=seed)
        self.noise, self.denoise = noise, denoise

    def __len__(self) -> int:
        return 80

    def __getitem__(self, index):
        inputs = self.inputs[index]
        noisy = inputs + self.noise * float(np.random.randn()) * torch.ones(1, 8, 8)
        return noisy, inputs if self.denoise else self.labels[index]


def reads(dataset, **options):
    return DataLoader(dataset, 16, generator=torch.Generator(), **options)


class Custom:
    """A loader of one's own around a data set."""

    def __init__(self, dataset, order) -> None:
        self.dataset, self.order = dataset, order

    def __iter__(self):
        items = [self.dataset[index] for index in self.order]
        for first in range(0, len(items), 16):
            inputs, labels = zip(*items[first : first + 16], strict=True)
            yield torch.stack(inputs), torch.stack(labels)


def test_equal_passes_are_told(run):
    (finding,) = run("validation_deterministic", val_loader=reads(TensorDataset(*digits_like(80, seed=1))))
    assert finding.level == "note"
    assert finding.summary == "Two passes over 80 validation examples are equal."


@pytest.mark.parametrize("shuffle", [False, True])
def test_random_augmentation_is_proved_with_pictures(run, shuffle):
    (finding,) = run("validation_deterministic", val_loader=reads(Augmented(), shuffle=shuffle))
    assert finding.level == "proved"
    assert "48 of 48 validation inputs differ when drawn again" in finding.summary
    assert isinstance(finding.figures[0], Images)


def test_random_augmentation_of_a_foreign_loader_is_proved(run):
    order = torch.randperm(80, generator=torch.Generator().manual_seed(0)).tolist()
    assert run("validation_deterministic", val_loader=Custom(Augmented(), order))[0].level == "proved"
    (finding,) = run("validation_deterministic", val_loader=Custom(Augmented(noise=0.0), order))
    assert finding.level == "note"


def test_another_order_is_a_note(run):
    (finding,) = run("validation_deterministic", val_loader=loader_of(*digits_like(seed=1)))
    assert finding.level == "note"
    assert finding.evidence["not_in_second_pass"] == 0
    assert "another order" in finding.summary


def test_examples_left_out_are_counted(run):
    data = TensorDataset(*digits_like(90, seed=1))
    (finding,) = run("validation_deterministic", val_loader=reads(data, shuffle=True, drop_last=True))
    assert finding.level == "note"
    assert finding.evidence["not_in_second_pass"] > 0
    assert finding.fix


def sampled(count, size, **options):
    data = TensorDataset(*digits_like(size, seed=1))
    return reads(data, sampler=RandomSampler(data, num_samples=count, generator=torch.Generator(), **options))


def test_examples_drawn_with_replacement_are_proved(run):
    (finding,) = run("validation_deterministic", val_loader=sampled(40, 80, replacement=True))
    assert finding.level == "proved"
    assert "40 examples anew with replacement" in finding.summary
    assert finding.evidence["different"] < 40


@pytest.mark.parametrize(
    ("count", "size", "options"),
    [(32, 3200, {"replacement": True}), (40, 80, {}), (80, 80, {})],
    ids=["a few windows of many", "a subset without repeats", "another order"],
)
def test_other_samples_are_notes(verdict, count, size, options):
    assert verdict("validation_deterministic", val_loader=sampled(count, size, **options)) == "note"


def test_a_sample_that_is_kept_is_a_note(verdict):
    data = TensorDataset(*digits_like(80, seed=1))
    assert verdict("validation_deterministic", val_loader=reads(data, sampler=[3, 3, 5, 7] * 10)) == "note"


def test_denoising_is_a_note(verdict):
    denoising = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.Unflatten(1, (1, 8, 8)))
    given = {"model": denoising, "loss_fn": nn.MSELoss(), "train_loader": reads(Augmented(0, denoise=True))}
    assert verdict("validation_deterministic", val_loader=reads(Augmented(denoise=True)), **given) == "note"


def test_masked_words_are_notes(verdict):
    def mask(rows):
        words = torch.stack([row[0] for row in rows])
        hidden = torch.rand(words.shape) < 0.3
        return words.masked_fill(hidden, 0), words.masked_fill(~hidden, -100)

    words = TensorDataset(torch.randint(1, 9, (80, 6), generator=torch.Generator().manual_seed(0)))
    loader = reads(words, collate_fn=mask)
    model = nn.Sequential(nn.Embedding(9, 8), nn.Linear(8, 9))
    given = {"loss_fn": lambda o, t: nn.functional.cross_entropy(o.transpose(1, 2), t), "train_loader": loader}
    assert verdict("validation_deterministic", model=model, val_loader=loader, **given) == "note"


def test_padding_to_the_neighbours_is_a_note(verdict):
    rows = [(torch.randn(1 + index % 5), torch.tensor(index % 4)) for index in range(60)]

    def pad(items):
        return nn.utils.rnn.pad_sequence([item[0] for item in items], True)[:, :, None], torch.stack(
            [i[1] for i in items]
        )

    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(1, 4)

        def forward(self, inputs):
            return self.head(inputs.mean(1))

    loader = reads(rows, collate_fn=pad, shuffle=True)
    assert verdict("validation_deterministic", model=Mean(), train_loader=loader, val_loader=loader) == "note"


def test_without_a_validation_loader_it_is_skipped(run):
    assert "no val_loader" in run("validation_deterministic", model=small_network()).reason
