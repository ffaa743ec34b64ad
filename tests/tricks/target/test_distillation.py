import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.models.convnet import ConvNet
from assay.models.teacher import load_teacher, save_teacher
from assay.recipe import Recipe, RecipeError
from assay.tricks.batch.manifold_mixup import ManifoldMixup
from assay.tricks.target.distillation import Distillation, soft_loss

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return ConvNet(widths=(4,)).build((1, 8, 8), 3)


@pytest.fixture(scope="module")
def teacher(network, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("teacher") / "teacher.pt2"
    save_teacher(network, torch.zeros(1, 1, 8, 8), path)
    return str(path)


def test_by_hand():
    """At temperature 2 outputs (0, 2 log 3) are the answers (1/4, 3/4); the teacher says (1/2, 1/2)."""
    outputs, answers = torch.tensor([[0.0, 2 * math.log(3.0)]]), torch.zeros(1, 2)
    found = soft_loss(outputs, answers, temperature=2.0)
    assert found.item() == pytest.approx(4 * 0.5 * (math.log(4) + math.log(4 / 3)))


def test_its_gradient_keeps_its_size_as_the_temperature_grows():
    """Hinton et al.: for high temperatures it is (outputs - answers) / classes, of outputs and answers around 0."""
    outputs = torch.tensor([[1.0, -1.0, 0.0]], requires_grad=True)
    answers = torch.tensor([[0.5, 0.5, -1.0]])
    soft_loss(outputs, answers, temperature=1e3).backward()
    assert outputs.grad is not None
    torch.testing.assert_close(outputs.grad, (outputs.detach() - answers) / 3, atol=2e-3, rtol=0)


def test_a_saved_teacher_answers_as_the_network_does_in_evaluation_mode(network, teacher):
    assert network.training
    images = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    loaded = load_teacher(teacher, CPU)
    assert loaded is load_teacher(teacher, CPU)
    network.eval()
    torch.testing.assert_close(loaded(images), network(images))
    torch.testing.assert_close(loaded(images[:1]), network(images[:1]))
    network.train()


def test_a_teacher_that_takes_images_of_any_size_still_does(teacher):
    assert load_teacher(teacher, CPU)(torch.zeros(2, 1, 12, 10)).shape == (2, 3)


@pytest.mark.parametrize(("weighting", "hard", "soft"), [("sum", 1.0, 1.0), ("blend", 0.25, 0.75)])
def test_both_weightings(weighting, hard, soft, teacher):
    recipe = Recipe() | Distillation(teacher, 4.0, weighting, hard_weight=0.25)
    images, outputs = torch.randn(2, 1, 8, 8), torch.randn(2, 3, requires_grad=True)
    targets = torch.tensor([0, 2])
    loss = F.cross_entropy(outputs, targets)
    for edit in recipe.loss_edits:
        loss = edit(loss)
    (penalty,) = recipe.penalties
    loss = loss + penalty(nn.Identity(), images, outputs, targets)
    answers = load_teacher(teacher, CPU)(images)
    expected = hard * F.cross_entropy(outputs, targets) + soft * 16 * F.cross_entropy(
        outputs / 4, (answers / 4).softmax(1)
    )
    torch.testing.assert_close(loss, expected)


def test_a_missing_or_other_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.pt2: no teacher there; write one with .*save_teacher"):
        load_teacher(tmp_path / "nowhere.pt2", CPU)
    (tmp_path / "notes.txt").write_text("no network")
    with pytest.raises(InputError, match=r"notes\.txt: not a network saved by torch\.export"):
        load_teacher(tmp_path / "notes.txt", CPU)
    torch.save({}, tmp_path / "weights.pt")
    with pytest.raises(InputError, match=r"weights\.pt: not a network saved by torch\.export"):
        load_teacher(tmp_path / "weights.pt", CPU)


def test_a_teacher_for_other_data_is_named(teacher):
    (penalty,) = (Recipe() | Distillation(teacher)).penalties
    with pytest.raises(RecipeError, match=r"needs a teacher with 5 outputs, got \(3,\) from .*teacher\.pt2"):
        penalty(nn.Identity(), torch.zeros(2, 1, 8, 8), torch.zeros(2, 5), torch.zeros(2))
    with pytest.raises(RecipeError, match=r"cannot answer inputs of shape \(2, 9, 9\)"):
        penalty(nn.Identity(), torch.zeros(2, 2, 9, 9), torch.zeros(2, 3), torch.zeros(2))


def test_mixes_inside_the_student_which_no_teacher_sees_are_refused():
    for first, second in ((Distillation("t.pt2"), ManifoldMixup()), (ManifoldMixup(), Distillation("t.pt2"))):
        with pytest.raises(RecipeError, match=r"and .* both set forward; keep one of them"):
            Recipe() | first | second


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="Distillation needs a teacher, a file that"):
        Recipe() | Distillation()
    with pytest.raises(RecipeError, match="Distillation needs a classification task"):
        Recipe(loss=MeanSquaredError()) | Distillation("teacher.pt2")
    with pytest.raises(ValueError, match="weighting must be one of sum, blend, got 'mean'"):
        Distillation(weighting="mean")
    with pytest.raises(ValueError, match="temperature must be finite and above 0, got 0"):
        Distillation(temperature=0.0)
    with pytest.raises(ValueError, match=r"hard_weight must be in \[0, 1\], got 2"):
        Distillation(hard_weight=2.0)
