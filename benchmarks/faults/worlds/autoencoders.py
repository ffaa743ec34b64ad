"""Healthy programs that squeeze pictures or tables through a bottleneck and draw them again."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.choices import draw_activation, draw_form, draw_optimizer, draw_schedule, draw_step
from faults.examples import Examples, unchanged
from faults.network import Apply, Network
from faults.parts import Parts
from faults.tasks import regression
from faults.worlds.pictures import draw_shapes, read_digits

Maker = Callable[[], nn.Module]


def draw(chance: random.Random) -> Parts:
    """Data, plain, denoising or variational, dense or convolutional, loss and optimiser at random."""
    source = chance.choice(["digits", "digits", "shapes"])
    pixels = read_digits()[0] if source == "digits" else draw_shapes(1200, chance)[0].mean(1, keepdim=True)
    pixels = pixels[torch.randperm(len(pixels))[:1200]]
    kind, loss = chance.choice(["plain", "plain", "denoising", "variational"]), chance.choice(["square", "binary"])
    activation = draw_activation(chance)
    if loss == "square":
        pixels = (pixels - pixels.mean()) / pixels.std()
    side, width = pixels.shape[-1], chance.choice([64, 96])
    code, convolved = chance.choice([12, 16, 24]), chance.random() < 0.4 and kind != "variational"
    if kind == "variational":
        make_model: Callable[[], Network] = lambda: variational(side, width, code, activation)  # noqa: E731
    elif convolved:
        make_model = lambda: convolutional(side, code, activation)  # noqa: E731
    else:
        make_model = lambda: dense(side, width, code, activation)  # noqa: E731
    loss_fn: Any = VariationalLoss(loss) if kind == "variational" else LOSSES[loss]()
    traits = {kind, source, "reconstruction", "squared_error" if loss == "square" else "pixel_cross_entropy"}
    traits |= {"convolutions"} if convolved else {"perceptron"}
    traits |= {"relu"} if activation is nn.ReLU else set()
    cut = 900
    return Parts(
        domain="autoencoders", traits=frozenset(traits), task=regression(),
        train=Examples((pixels[:cut],), pixels[:cut]), validation=Examples((pixels[cut:],), pixels[cut:]),
        make_model=make_model, loss_fn=loss_fn, make_optimizer=draw_optimizer(chance, adaptive_only=True),
        epochs=14, batch_size=chance.choice([32, 50]), form=draw_form(chance),
        augment=blur_by_noise if kind == "denoising" else unchanged,
        prediction=drawn_square if loss == "square" else drawn_probability,
        **draw_schedule(chance), **draw_step(chance),
    )  # fmt: skip


LOSSES: dict[str, Callable[[], nn.Module]] = {"square": nn.MSELoss, "binary": nn.BCEWithLogitsLoss}


def blur_by_noise(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The network sees noise on top; the target stays clean."""
    return (inputs[0] + 0.2 * torch.randn_like(inputs[0]),)


def drawn_square(outputs: Any) -> Tensor:
    """The drawing, out of what the network returns."""
    return outputs[0] if isinstance(outputs, tuple) else outputs


def drawn_probability(outputs: Any) -> Tensor:
    """The drawing where outputs are logits."""
    return drawn_square(outputs).sigmoid()


class VariationalLoss(nn.Module):
    """Reconstruction summed over pixels, plus weight * KL(code || standard normal); the mean over examples."""

    def __init__(self, loss: str, weight: float = 0.3) -> None:
        super().__init__()
        self.loss, self.weight = loss, weight

    def forward(self, outputs: tuple[Tensor, Tensor, Tensor], targets: Tensor) -> Tensor:
        drawing, mean, log_variance = outputs
        if self.loss == "square":
            pixels = 0.5 * (drawing - targets).square()
        else:
            pixels = nn.functional.binary_cross_entropy_with_logits(drawing, targets, reduction="none")
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(1)
        return (pixels.flatten(1).sum(1) + self.weight * divergence).mean()


class Variational(nn.Module):
    """Mean and log-variance of the code, a sample of it in training, and the drawing."""

    def __init__(self, entering: int, code: int, decoder: nn.Module) -> None:
        super().__init__()
        self.mean, self.log_variance, self.decoder = nn.Linear(entering, code), nn.Linear(entering, code), decoder
        self.sample: Callable[[Tensor, Tensor], Tensor] = reparameterise

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = self.mean(values), self.log_variance(values).clamp(-8.0, 8.0)
        code = self.sample(mean, log_variance) if self.training else mean
        return self.decoder(code), mean, log_variance


def reparameterise(mean: Tensor, log_variance: Tensor) -> Tensor:
    """mean + deviation * noise."""
    return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


def picture(side: int) -> nn.Module:
    """(batch, pixels) -> (batch, 1, side, side)."""
    return Apply(lambda values: values.reshape(-1, 1, side, side))


def decoder(side: int, width: int, code: int, activation: Maker) -> nn.Module:
    return nn.Sequential(nn.Linear(code, width), activation(), nn.Linear(width, side * side), picture(side))


def dense(side: int, width: int, code: int, activation: Maker) -> Network:
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(side * side, width), activation(), nn.Linear(width, code))
    return Network(encoder, decoder(side, width, code, activation))


def variational(side: int, width: int, code: int, activation: Maker) -> Network:
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(side * side, width), activation())
    return Network(encoder, Variational(width, code, decoder(side, width, code, activation)))


def convolutional(side: int, code: int, activation: Maker) -> Network:
    small = side // 2
    encoder = nn.Sequential(
        nn.Conv2d(1, 16, 3, 2, 1), activation(), nn.Conv2d(16, 16, 3, 1, 1), activation(), nn.Flatten(),
        nn.Linear(16 * small * small, code),
    )  # fmt: skip
    back = nn.Sequential(
        nn.Linear(code, 16 * small * small), activation(), nn.Unflatten(1, (16, small, small)),
        nn.ConvTranspose2d(16, 16, 4, 2, 1), activation(), nn.Conv2d(16, 1, 3, 1, 1),
    )  # fmt: skip
    return Network(encoder, back)
