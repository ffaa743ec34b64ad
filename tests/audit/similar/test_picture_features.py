"""Features: what they leave out, what mirrors and moves do to them."""

from __future__ import annotations

import pytest
import torch

from assay.audit.similar.picture_features import fit_picture_features, make_miniatures


def blobs(seed: int, n: int, channels: int = 3, side: int = 32) -> torch.Tensor:
    noise = torch.rand(n, channels, 7, 7, generator=torch.Generator().manual_seed(seed)) * 255
    return torch.nn.functional.interpolate(noise, (side, side), mode="bicubic").clamp(0, 255).byte()


def test_a_miniature_by_hand() -> None:
    image = torch.tensor([[[[0, 4], [4, 8]]]], dtype=torch.uint8)
    miniatures, flat = make_miniatures(image)
    torch.testing.assert_close(miniatures, torch.tensor([[-1.0, 0.0, 0.0, 1.0]]) / 2**0.5)
    assert flat.tolist() == [False]


def test_brightness_contrast_and_tint_are_left_out() -> None:
    images = blobs(400, 5).float() * 0.5
    tint = torch.tensor([5.0, 40.0, 20.0]).view(3, 1, 1)
    torch.testing.assert_close(
        make_miniatures(images)[0], make_miniatures(images * 1.5 + tint)[0], rtol=1e-4, atol=1e-5
    )


def test_constant_and_almost_constant_pictures_are_flat() -> None:
    images = torch.full((3, 1, 20, 20), 128, dtype=torch.uint8)
    images[1, :, :10] = 129  # half a level on both sides of the mean
    images[2, :, :10] = 140
    assert make_miniatures(images)[1].tolist() == [True, True, False]


@pytest.mark.parametrize(("channels", "side"), [(3, 16), (1, 8)])
def test_mirroring_the_picture_mirrors_the_feature(channels: int, side: int) -> None:
    images = blobs(401, 300, channels, side)
    features = fit_picture_features(make_miniatures(images)[0], (channels, side, side))
    mirrored = features.describe_mirrored(make_miniatures(images)[0])
    torch.testing.assert_close(mirrored, features.describe(make_miniatures(images.flip(3))[0]), rtol=1e-3, atol=1e-4)


def test_features_have_length_one_and_few_pictures_get_few() -> None:
    miniatures, _ = make_miniatures(blobs(402, 80))
    features = fit_picture_features(miniatures, (3, 16, 16)).describe(miniatures)
    assert features.shape == (80, 20)  # 80 / 4
    torch.testing.assert_close(features.norm(dim=1), torch.ones(80))


def test_a_small_move_is_undone_by_one_of_the_views() -> None:
    images = blobs(403, 400)
    miniatures, _ = make_miniatures(images)
    features = fit_picture_features(miniatures, (3, 16, 16))
    shifted, _ = make_miniatures(images.roll((2, -1), dims=(2, 3)))
    before = features.describe(miniatures)
    views = features.move(features.describe(shifted))
    assert views.shape == (400, 75, before.shape[1])
    best = torch.einsum("nvd,nd->nv", views, before).amax(1)
    still = (features.describe(shifted) * before).sum(1)
    assert best.median() > 0.9
    assert (best > still).float().mean() > 0.95
