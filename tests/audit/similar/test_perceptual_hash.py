"""The hash against its definition and against imagehash; pairs against counting bits."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import torch
from PIL import Image

from assay.audit.similar.perceptual_hash import hamming_distances, hash_pairs, perceptual_hash


def smooth_pictures(seed: int, n: int, channels: int, height: int, width: int) -> torch.Tensor:
    """Random blobs: noise has no low frequencies to speak of."""
    noise = torch.rand(n, channels, 5, 5, generator=torch.Generator().manual_seed(seed)) * 255
    return torch.nn.functional.interpolate(noise, (height, width), mode="bicubic").clamp(0, 255).byte()


def definition(image: torch.Tensor) -> np.ndarray:
    """The 64 bits by Pillow's grey and Lanczos and SciPy's cosine transform."""
    array = image.permute(1, 2, 0).numpy()
    picture = Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).convert("L")
    pixels = np.asarray(picture.resize((32, 32), Image.Resampling.LANCZOS)).astype(float)
    waves = scipy.fft.dct(scipy.fft.dct(pixels, axis=0), axis=1)[:8, :8]
    return (waves > np.median(waves)).ravel()


def bits_of(hashes: torch.Tensor) -> np.ndarray:
    return np.unpackbits(hashes.numpy().astype(">i8").view(np.uint8).reshape(-1, 8), axis=1).astype(bool)


SIZES = [(3, 32, 32), (1, 28, 28), (1, 8, 8), (3, 40, 70), (3, 64, 100)]


@pytest.mark.parametrize(("channels", "height", "width"), SIZES)
def test_agrees_with_the_definition(channels: int, height: int, width: int) -> None:
    images = smooth_pictures(400, 20, channels, height, width)
    assert np.array_equal(bits_of(perceptual_hash(images)), np.array([definition(image) for image in images]))


@pytest.mark.parametrize(("channels", "height", "width"), SIZES)
def test_agrees_with_imagehash(channels: int, height: int, width: int) -> None:
    imagehash = pytest.importorskip("imagehash")
    images = smooth_pictures(401, 20, channels, height, width)
    arrays = images.permute(0, 2, 3, 1).numpy()
    theirs = [imagehash.phash(Image.fromarray(a[:, :, 0] if channels == 1 else a)).hash.ravel() for a in arrays]
    assert np.array_equal(bits_of(perceptual_hash(images)), np.array(theirs))


def test_a_tall_picture_agrees_but_for_the_order_of_scaling() -> None:
    # Which side Pillow scales first depends on its version: values differ by rounding.
    images = smooth_pictures(404, 20, 3, 100, 64)
    theirs = np.array([definition(image) for image in images])
    assert (bits_of(perceptual_hash(images)) != theirs).sum(1).max() <= 4


def test_survives_brightness_and_tells_pictures_apart() -> None:
    images = smooth_pictures(402, 30, 3, 32, 32)
    dimmed = (images.float() * 0.9).byte()
    assert hamming_distances(perceptual_hash(images), perceptual_hash(dimmed)).max() <= 4
    assert hamming_distances(perceptual_hash(images[:15]), perceptual_hash(images[15:])).min() > 6


def test_pairs_are_those_that_counting_finds() -> None:
    generator = torch.Generator().manual_seed(403)
    first = torch.randint(-(2**62), 2**62, (40,), generator=generator)
    second = torch.cat([first[:10] ^ 0b10101, first[10:20], torch.randint(0, 2**62, (30,), generator=generator)])
    rows, columns, bits = hash_pairs(first, second, most_bits=3)
    counted = {(i, j): bin((int(a) ^ int(b)) & (2**64 - 1)).count("1")
               for i, a in enumerate(first) for j, b in enumerate(second)}  # fmt: skip
    expected = {pair: n for pair, n in counted.items() if n <= 3}
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    assert dict(zip(found, bits.tolist(), strict=True)) == expected
    assert len(expected) >= 20


def test_no_hashes_give_no_pairs() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    assert [len(part) for part in hash_pairs(none, none, most_bits=6)] == [0, 0, 0]


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="must have 1 or 3 channels to be hashed, got 2"):
        perceptual_hash(torch.zeros(1, 2, 8, 8, dtype=torch.uint8))


def test_more_bits_than_there_are_are_refused() -> None:
    none = torch.zeros(0, dtype=torch.int64)
    with pytest.raises(ValueError, match="most_bits must be from 0 to 64, got 65"):
        hash_pairs(none, none, most_bits=65)
