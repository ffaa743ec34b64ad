import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

from assay.tricks.norm.local_contrast_norm import LocalContrastNorm, blur, equalise_local_contrast, gaussian_window


def draw(side=16):
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def test_the_window_has_sum_one_and_is_symmetric():
    window = gaussian_window(9, 2.0)
    assert window.sum().item() == pytest.approx(1.0)
    assert torch.equal(window, window.flip(0))
    assert (window[4] / window[2]).item() == pytest.approx(2.718281828**0.5, rel=1e-5)


def test_inside_it_is_scipys_filter_and_an_even_image_stays_even_to_the_border():
    images, window = draw(), gaussian_window(9, 2.0)
    theirs = gaussian_filter(images[0, 0].double().numpy(), 2.0, truncate=2.0)
    torch.testing.assert_close(blur(images, window)[0, 0, 4:-4, 4:-4].double(), torch.from_numpy(theirs)[4:-4, 4:-4],
                               atol=1e-5, rtol=1e-5)  # fmt: skip
    torch.testing.assert_close(blur(torch.ones(1, 2, 3, 5), window), torch.ones(1, 2, 3, 5))


def test_it_agrees_with_a_loop():
    """One pixel of one channel in float64, with the two-dimensional window cut at the border."""
    images, window = draw(7).double(), gaussian_window(3, 1.0)
    pair = window.double().outer(window.double())

    def mean_at(values, row, column):
        rows, columns = range(max(0, row - 1), min(7, row + 2)), range(max(0, column - 1), min(7, column + 2))
        shares = {(r, c): pair[r - row + 1, c - column + 1] for r in rows for c in columns}
        return sum(share * values[r, c] for (r, c), share in shares.items()) / sum(shares.values())

    def mean_of(values):
        return torch.tensor([[mean_at(values, row, column) for column in range(7)] for row in range(7)])

    centred = images[1, 2] - mean_of(images[1, 2])
    local = mean_of(centred**2).sqrt()
    expected = centred / torch.maximum(local, local.mean())
    found = equalise_local_contrast(images.float(), window, floor=1e-6)[1, 2]
    torch.testing.assert_close(found.double(), expected.double(), atol=1e-5, rtol=1e-5)


def test_light_does_not_matter_and_even_images_are_zero(tiny_images):
    model = LocalContrastNorm(5).edit(nn.Identity(), tiny_images.specification)
    torch.testing.assert_close(model(9.0 * draw() + 4.0), model(draw()), atol=1e-4, rtol=1e-4)
    even = torch.full((1, 1, 8, 8), 3.0, requires_grad=True)
    outputs = model(even)
    outputs.sum().backward()
    assert outputs.abs().max() < 1e-2
    assert torch.isfinite(even.grad).all()


def test_edges_in_the_dark_show_as_those_in_the_light(tiny_images):
    image = torch.zeros(1, 1, 8, 32)
    image[..., 4:8], image[..., 16:], image[..., 24:28] = 1.0, 100.0, 110.0
    outputs = LocalContrastNorm(5).edit(nn.Identity(), tiny_images.specification)(image)
    assert outputs[..., 5].mean() > 0.01 * outputs[..., 25].mean()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": 4}, "size must be odd and at least 3, got 4"),
        ({"sigma": 0.0}, "sigma must"),
        ({"floor": 0.0}, "floor"),
    ],
)
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        LocalContrastNorm(**values)
