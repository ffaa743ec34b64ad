"""Is there any relation between inputs and targets? A test that needs no network and is exact under permutation.

    K = kernel of the inputs (linear, radial at two widths, radial on spectra and quantiles), H = K (K + lambda I)^-1
    predicted[i] = (H y - H[i, i] y[i]) / (1 - H[i, i])     example i predicted from the others
    strength = sum y * predicted / (|y| |predicted|), the largest over kernels

The same is computed for permuted targets, which is what strength would be by chance.

Source: Cook 1977 (predictions without example i); Gretton et al. 2005 (kernel tests of independence); Good 2005.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

MOST_COLUMNS, POOLED_SIDE = 2048, 12
TARGET_COLUMNS = 8
PERMUTATIONS = 99
RIDGES = (0.3, 10.0)


@dataclass(frozen=True)
class Association:
    """How well targets are predicted from other examples, beside permuted targets.

    strength: correlation of predictions with targets, in [-1, 1].
    deviations: standard deviations of the permuted ones above their mean.
    examples: how many.
    """

    strength: float
    permuted: tuple[float, ...]
    examples: int

    @property
    def deviations(self) -> float:
        chance = torch.tensor(self.permuted, dtype=torch.float64)
        return float((self.strength - chance.mean()) / chance.std().clamp(min=1e-9))

    @property
    def is_clear(self) -> bool:
        """Beyond every permutation and by a margin that chance does not make."""
        return self.strength > max(self.permuted) and self.deviations > 4.0

    @property
    def is_absent(self) -> bool:
        return self.deviations < 2.0


def associate(smoothers: Sequence[Tensor], targets: Tensor, generator: torch.Generator) -> Association:
    """The strength of the relation, and that of 99 permutations.

    Args:
        smoothers: from `leave_one_out`, (examples, examples) each.
        targets: columns of numbers, (examples, columns).
    """
    centred = (targets - targets.mean(0)).double()
    orders = [torch.arange(len(centred))]
    orders += [torch.randperm(len(centred), generator=generator) for _ in range(PERMUTATIONS)]
    stacked = torch.cat([centred[order] for order in orders], 1).to(smoothers[0])
    strengths = torch.stack([_strengths(smoother, stacked, len(orders)) for smoother in smoothers]).amax(0)
    return Association(float(strengths[0]), tuple(strengths[1:].tolist()), len(targets))


def _strengths(smoother: Tensor, stacked: Tensor, count: int) -> Tensor:
    predicted = smoother @ stacked
    shape = (len(stacked), count, -1)
    products, sizes = (stacked * predicted).reshape(shape), predicted.square().reshape(shape)
    norms = stacked.square().reshape(shape).sum((0, 2)).sqrt() * sizes.sum((0, 2)).sqrt()
    return products.sum((0, 2)) / norms.clamp(min=1e-12)


def leave_one_out(views: Sequence[Tensor]) -> list[Tensor]:
    """For each view of the inputs and each width, the matrix that predicts every example from the others."""
    return [_without_itself(kernel, ridge) for kernel in kernels(views) for ridge in RIDGES]


def kernels(views: Sequence[Tensor]) -> list[Tensor]:
    """Centred similarity matrices with a mean diagonal of 1."""
    found = [_centred(views[0] @ views[0].t())]
    for view in views:
        squares = torch.cdist(view, view).square()
        middle = squares[squares > 0].median() if bool((squares > 0).any()) else squares.new_tensor(1.0)
        found += [_centred(torch.exp(-squares / (width * middle))) for width in (1.0, 0.15)]
    return found


def _centred(kernel: Tensor) -> Tensor:
    centred = kernel - kernel.mean(0, keepdim=True) - kernel.mean(1, keepdim=True) + kernel.mean()
    return centred / centred.diag().mean().clamp(min=1e-12)


def _without_itself(kernel: Tensor, ridge: float) -> Tensor:
    eye = torch.eye(len(kernel), dtype=kernel.dtype)
    hat = torch.linalg.solve(kernel + ridge * eye, kernel)
    own = hat.diag()
    return (hat - own.diag()) / (1 - own).clamp(min=1e-6)[:, None]


def input_views(inputs: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """Inputs as columns: as they are, and by spectra and quantiles, which do not change with place or phase."""
    plain = [_columns(tensor, generator) for tensor in inputs]
    shapes = {tuple(tensor.shape) for tensor in inputs}
    if len(inputs) == 2 and len(shapes) == 1 and all(tensor.is_floating_point() for tensor in inputs):
        plain.append((plain[0] - plain[1]).abs())  # pairs are compared
    views = [torch.cat(plain, 1)]
    invariant = [_invariant(tensor) for tensor in inputs if tensor.is_floating_point() and tensor[0].nelement() >= 8]
    views += [torch.cat(invariant, 1)] if invariant else []
    return [_standardised(view) for view in views]


def shared_variation(view: Tensor) -> float:
    """Mean squared correlation between columns beyond chance, 1 / examples: 0 where columns are independent."""
    some = _standardised(view[:, :: -(-view.shape[1] // 256)].double())
    some = some[:, some.square().sum(0) > 0]
    if some.shape[1] < 2:
        return 0.0
    squares = (some.t() @ some / len(some)).square()
    columns = len(squares)
    return float((squares.sum() - squares.diag().sum()) / (columns * (columns - 1))) - 1.0 / len(some)


def _columns(tensor: Tensor, generator: torch.Generator) -> Tensor:
    if not tensor.is_floating_point() and tensor.dtype != torch.uint8:
        return _words(tensor, generator)
    values = _pooled(tensor.float())
    step = -(-values.shape[1] // MOST_COLUMNS)
    return values[:, ::step]


def _pooled(values: Tensor) -> Tensor:
    if values.dim() == 4 and max(values.shape[2:]) > 2 * POOLED_SIDE:
        values = F.adaptive_avg_pool2d(values, POOLED_SIDE)
    return values.reshape(len(values), -1)  # one number an example has no other axis to flatten


def _words(tensor: Tensor, generator: torch.Generator) -> Tensor:
    """Numbers of words by place and by count, each word as a random vector."""
    words, number = torch.unique(tensor.reshape(len(tensor), -1), return_inverse=True)
    vectors = torch.randn(len(words), 8, generator=generator)[number]
    codes = torch.randn(len(words), 64, generator=generator)
    counts = torch.stack([codes[row].sum(0) for row in number])
    return torch.cat([vectors.flatten(1)[:, :MOST_COLUMNS], counts], 1)


def _invariant(tensor: Tensor) -> Tensor:
    values = tensor.float()
    spectrum = torch.fft.rfft(values.flatten(1) if values.dim() < 3 else values, dim=-1).abs()
    if values.dim() == 4:
        spectrum = torch.fft.fft(spectrum, dim=-2).abs()
    levels = torch.tensor([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
    rows = values.flatten(1)
    quantiles = torch.quantile(rows[:, :: -(-rows.shape[1] // MOST_COLUMNS)], levels, dim=1).t()
    flat = _pooled(spectrum)
    return torch.cat([flat[:, :: -(-flat.shape[1] // MOST_COLUMNS)], quantiles, rows.std(1, correction=0)[:, None]], 1)


def _standardised(view: Tensor) -> Tensor:
    deviation = view.std(0, correction=0)
    return (view - view.mean(0)) / torch.where(deviation > 1e-8, deviation, torch.inf)


def target_columns(targets: Tensor, generator: torch.Generator) -> Tensor:
    """Targets as at most 8 columns: classes as random codes, numbers standardised and cut at 5 deviations."""
    size = len(targets)
    if targets.is_floating_point():
        columns = _standardised(targets.double().reshape(size, -1)).clamp(-5, 5)
    else:
        classes, number = torch.unique(targets.reshape(size, -1), return_inverse=True)
        codes = torch.eye(len(classes), dtype=torch.float64)
        if len(classes) > TARGET_COLUMNS:
            codes = torch.randn(len(classes), TARGET_COLUMNS, generator=generator, dtype=torch.float64)
        columns = codes[number].flatten(1)
    if columns.shape[1] <= TARGET_COLUMNS:
        return columns
    mixing = torch.randn(columns.shape[1], TARGET_COLUMNS, generator=generator, dtype=torch.float64)
    return columns @ mixing / columns.shape[1] ** 0.5
