import pytest
import torch
from check_programs import digits_like, loader_of
from torch.utils.data import DataLoader, Dataset

from assay.checks.augmentation_strength import strength


class Augmented(Dataset):
    def __init__(self, augment) -> None:
        self.inputs, self.labels = digits_like()
        self.augment = augment

    def __len__(self) -> int:
        return 240

    def __getitem__(self, index):
        return self.augment(self.inputs[index]), self.labels[index]


def loader(augment):
    return DataLoader(Augmented(augment), 40, shuffle=True, generator=torch.Generator())


def flip_and_shift(image):
    image = image.flip(-1) if torch.rand(()) < 0.5 else image
    return image.roll((int(torch.randint(-1, 2, ())), int(torch.randint(-1, 2, ()))), (1, 2))


def test_no_augmentation_is_told(run):
    (finding,) = run("augmentation_strength")
    assert finding.evidence["ratio"] == 0
    assert not finding.cause


@pytest.mark.parametrize("augment", [lambda x: x + 0.1 * torch.randn(1, 8, 8), flip_and_shift], ids=["noise", "crop"])
def test_usual_strength_has_no_cause(run, augment):
    (finding,) = run("augmentation_strength", train_loader=loader(augment))
    assert finding.level == "note"
    assert finding.evidence["ratio"] > 0
    assert finding.evidence["least_ratio"] < 0.95
    assert finding.evidence["recognised"] > 0.9
    assert not finding.cause


def test_augmentation_that_leaves_nothing_has_a_cause(run):
    (finding,) = run("augmentation_strength", train_loader=loader(lambda x: x + 20 * torch.randn(1, 8, 8)))
    assert finding.level == "note"
    assert finding.cause
    assert finding.fix
    assert finding.figures[0].captions[:2] == ("example 0, draw 1", "example 0, draw 2")


def test_strength_by_hand():
    view = torch.tensor([[0.0], [10.0], [1.0], [11.0]])
    assert strength(view) == pytest.approx((0.1, 1.0))


def test_a_list_of_batches_is_skipped(run):
    assert (
        "none can be drawn twice" in run("augmentation_strength", train_loader=list(loader_of(*digits_like()))).reason
    )


def wrapped(image):
    """Brighter in 8 bits without saturation, by chance: what was bright comes out dark."""
    return ((12 * image).long() + int(torch.randint(0, 256, ()))).remainder(256) / 12.0


def clean_digits():
    inputs, labels = digits_like(600)
    return loader_of(inputs[240:], labels[240:])


def test_augmentation_that_hides_the_label_is_suspect(run):
    (finding,) = run("augmentation_strength", train_loader=loader(wrapped), val_loader=clean_digits())
    assert finding.level == "suspect"
    assert "teach little of validation" in finding.summary
    assert min(finding.evidence["by_validation"]) - max(finding.evidence["by_training"]) >= 0.3


def test_augmentation_that_keeps_the_label_passes_beside_validation(run):
    for augment in (flip_and_shift, lambda x: x + 0.5 * torch.randn(1, 8, 8)):
        (finding,) = run("augmentation_strength", train_loader=loader(augment), val_loader=clean_digits())
        assert finding.level == "note"
