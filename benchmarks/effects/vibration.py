"""Vibration of a faulty bearing, synthesised: how often the fault strikes is the class, noise hides it.

    signal(t) = sum over strikes of strength * exp(-s / decay) * sin(2 pi * resonance * s),  s = t - strike >= 0
    strikes   = a random phase, then intervals of 1,024 / strikes_per_record samples, each with its own slip
    noise     = white, Gaussian or Laplacian by chance, of power = signal power / 10^(level / 10)

Gain, resonance, decay, speed and the strength of each strike are random too. The 1,024 samples of a record
are the 32x32 pixels of an image, as in Zhao et al. 2020.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.data.data import Data
from assay.data.encoders import ImageEncoder
from assay.data.specification import Specification
from assay.data.split import Split
from assay.data.statistics import normalization_of
from assay.randomness import generator_for

LENGTH, SIDE = 1024, 32
STRIKES = tuple(8.0 * 1.2**number for number in range(8))
"""Strikes in a record, of each class."""
LEVELS = (-5.0, 0.0, 5.0)
"""Signal-to-noise ratios in decibels."""


def vibration(seed: int, examples: int, held_out: int) -> Data:
    """`examples` records to train on, each at a level drawn from `LEVELS`; `held_out` of each level, in their order."""
    generator = generator_for(seed, "vibration")
    drawn = torch.tensor(LEVELS)[torch.randint(len(LEVELS), (examples,), generator=generator)]
    train = records(drawn, generator)
    validation = records(torch.tensor(LEVELS).repeat_interleave(held_out), generator)
    classes = tuple(f"{strikes:.1f} strikes" for strikes in STRIKES)
    specification = Specification(
        "classification", (1, SIDE, SIDE), normalization_of(train), ImageEncoder(1, SIDE, SIDE), classes,
        tuple((torch.bincount(train.targets, minlength=len(classes)) / examples).tolist()),
    )  # fmt: skip
    return Data("vibration", specification, train, validation, validation)


def records(levels: Float[Tensor, " n"], generator: torch.Generator) -> Split:
    """One record at each of these levels, of a class drawn for it."""
    targets = torch.randint(len(STRIKES), levels.shape, generator=generator)
    clean = strike(targets, generator)
    gaussian = torch.randn(clean.shape, generator=generator)
    uniform = torch.rand(clean.shape, generator=generator) - 0.5
    # By the inverse of its distribution function, with variance 1.
    laplacian = -uniform.sign() * torch.log1p(-2 * uniform.abs().clamp(max=0.4999999)) / math.sqrt(2)
    noise = torch.where(torch.rand(len(levels), 1, generator=generator) < 0.5, gaussian, laplacian)
    power = clean.square().mean(1, keepdim=True) / 10 ** (levels[:, None] / 10)
    noisy = (clean + power.sqrt() * noise).view(-1, 1, SIDE, SIDE)
    return Split(noisy, targets, tuple(f"record {number}" for number in range(len(levels))))


def strike(targets: Int[Tensor, " n"], generator: torch.Generator) -> Float[Tensor, "n samples"]:
    """Records without noise."""

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(len(targets), *shape, generator=generator)

    period = LENGTH / torch.tensor(STRIKES)[targets] * uniform(0.98, 1.02)
    count = math.ceil(2 * STRIKES[-1])
    slips = 1 + 0.02 * torch.randn(len(targets), count, generator=generator)
    # The first strike falls before the record, whose beginning may then lie anywhere in a decay.
    at = ((period[:, None] * slips).cumsum(1) - (period * uniform(1.0, 2.0))[:, None]).round().long() + LENGTH // 4
    strengths = uniform(0.7, 1.3, count) * (at >= 0) * (at < 2 * LENGTH)
    strikes = torch.zeros(len(targets), 2 * LENGTH).scatter_add_(1, at.clamp(0, 2 * LENGTH - 1), strengths)
    after = torch.arange(LENGTH // 4)
    ringing = torch.exp(-after / uniform(8, 15, 1)) * torch.sin(2 * math.pi * uniform(0.15, 0.25, 1) * after)
    rung = torch.fft.irfft(torch.fft.rfft(strikes, 4 * LENGTH) * torch.fft.rfft(ringing, 4 * LENGTH), 4 * LENGTH)
    record = rung[:, LENGTH // 4 : LENGTH // 4 + LENGTH]
    # Loudness must not tell the class.
    return uniform(0.5, 2.0, 1) * record / record.square().mean(1, keepdim=True).sqrt()
