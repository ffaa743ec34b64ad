"""Recurrent network: reads its input step by step and answers from what it remembers at the end.

    image (channels, height, width)   a step is a row: height steps of channels * width values
    vector (features,)                a step is `chunk` values in a row, the last one filled up with zeros
    layers   LSTM, GRU or simple recurrent (tanh) layers, one on the other
    head     last state of the last layer, dropout, linear

Source: Goodfellow et al. 2016, chapter 10; LSTM: Hochreiter & Schmidhuber 1997; GRU: Cho et al. 2014
(arXiv:1406.1078).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from assay.errors import InputError
from assay.models.arguments import require_dropout

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


@dataclass(frozen=True)
class Recurrent:
    """Recurrent layers over the rows of an image or the values of a vector.

    cell: what a layer is made of; width: units of each layer; dropout: share of each layer's outputs set to 0,
    between layers and before the last, linear one; chunk: values of a vector that one step reads.
    """

    cell: Literal["lstm", "gru", "rnn"] = "lstm"
    width: int = 64
    layers: int = 1
    dropout: float = 0.0
    chunk: int = 1

    def __post_init__(self) -> None:
        if self.cell not in LAYERS:
            raise ValueError(f"cell must be one of {', '.join(map(repr, LAYERS))}, got {self.cell!r}")
        for name in ("width", "layers", "chunk"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        require_dropout(self.dropout)

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, *input_shape) to (batch, num_outputs).

        Raises:
            InputError: the inputs are neither images nor vectors.
        """
        if len(input_shape) not in (1, 3):
            raise InputError(
                f"Recurrent needs images (channels, height, width) or vectors (features,), got inputs of shape "
                f"{input_shape}; use MLP for others"
            )
        size = input_shape[0] * input_shape[2] if len(input_shape) == 3 else self.chunk
        # PyTorch's own dropout acts between layers only, and warns where there is nothing between.
        between = self.dropout if self.layers > 1 else 0.0
        memory = LAYERS[self.cell](size, self.width, self.layers, batch_first=True, dropout=between)
        layers: OrderedDict[str, nn.Module] = OrderedDict(steps=Steps(self.chunk), memory=memory, last=LastStep())
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        layers["linear"] = nn.Linear(self.width, num_outputs)
        return nn.Sequential(layers)


class Steps(nn.Module):
    """The input as a sequence: an image's rows, or a vector's values in chunks."""

    def __init__(self, chunk: int) -> None:
        super().__init__()
        self.chunk = chunk

    def forward(self, inputs: Float[Tensor, "batch *shape"]) -> Float[Tensor, "batch steps size"]:
        if inputs.dim() == 4:
            return inputs.transpose(1, 2).flatten(2)
        missing = -inputs.shape[1] % self.chunk
        padded = nn.functional.pad(inputs, (0, missing)) if missing else inputs
        return padded.unflatten(1, (-1, self.chunk))


class LastStep(nn.Module):
    """Of a recurrent layer's answer, the last layer's output at the last step."""

    def forward(
        self, answer: tuple[Float[Tensor, "batch steps width"], Tensor | tuple[Tensor, Tensor]]
    ) -> Float[Tensor, "batch width"]:
        return answer[0][:, -1]
