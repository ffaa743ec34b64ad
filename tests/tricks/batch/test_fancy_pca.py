import pytest
import torch

from assay.tricks.batch.fancy_pca import EIGENVALUES, EIGENVECTORS, FancyPCA, add_colours
from assay.tricks.colours import LUMA


def test_one_component_by_hand():
    images = torch.full((2, 3, 2, 2), 100, dtype=torch.uint8)
    found = add_colours(images, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))
    # 55.46 * (-0.5675, -0.5808, -0.5836) and 2 * 1.148 * (0.4009, -0.8140, 0.4203)
    assert found[0, :, 0, 0].tolist() == [69, 68, 68]
    assert found[1, :, 1, 1].tolist() == [101, 98, 101]


def test_eigenvectors_are_orthonormal():
    vectors = torch.tensor(EIGENVECTORS)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(3), atol=1e-3, rtol=0)
    assert sorted(EIGENVALUES, reverse=True) == list(EIGENVALUES)


def test_every_pixel_of_an_image_gets_the_same_and_clips_at_the_ends():
    images = torch.randint(80, 170, (3, 3, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    strengths = 0.3 * torch.randn(3, 3, generator=torch.Generator().manual_seed(1))
    added = add_colours(images, strengths).int() - images.int()
    assert torch.equal(added.amin((2, 3)), added.amax((2, 3)))
    assert add_colours(images, torch.tensor([[-9.0, 0.0, 0.0]] * 3)).min() == 255


def test_a_grey_image_changes_by_the_grey_of_the_colour():
    grey = torch.full((1, 1, 2, 2), 100, dtype=torch.uint8)
    strengths = torch.tensor([[0.7, 0.4, -0.2]])
    colours = torch.tensor(EIGENVECTORS) @ (strengths[0] * torch.tensor(EIGENVALUES))
    expected = round(100 + float(colours @ torch.tensor(LUMA)))
    assert add_colours(grey, strengths).flatten().tolist() == [expected] * 4


def test_negative_deviation_is_refused():
    with pytest.raises(ValueError, match=r"std must be finite and at least 0, got -0\.1"):
        FancyPCA(-0.1)
