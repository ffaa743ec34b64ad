"""Figures as plain data: what a finding wants drawn, before anybody decides how.

Stages describe; `assay.report` draws. Every figure survives a trip through JSON, so a resumed run
shows the same pictures as an undisturbed one.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from assay.tried_settings import Parallel, Setting, Slices, Surface, Tried

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
    from torch import Tensor

Marks = Literal["line", "faint line", "points", "hollow points"]


@dataclass(frozen=True)
class Series:
    """One named line: `y` against `x`, same length.

    marks: "faint line" for what another one sums up; "points" where what lies between two of them means nothing;
    "hollow points" for the lesser ones.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    marks: Marks = "line"

    def __post_init__(self) -> None:
        if self.marks not in get_args(Marks):
            raise ValueError(f"marks must be one of {', '.join(get_args(Marks))}, got {self.marks!r}")


@dataclass(frozen=True)
class Lines:
    """Curves or points over a common axis (loss against step, accuracy against learning rate)."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True)
class Bars:
    """One bar a label (examples per class, value of each baseline)."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    y_label: str = ""


@dataclass(frozen=True)
class Interval:
    """One row of a forest plot: an estimate between its limits, coloured by its verdict."""

    label: str
    estimate: float
    low: float
    high: float
    verdict: str = ""


@dataclass(frozen=True)
class Forest:
    """Estimates with their 95 % intervals around a line of no effect at 0."""

    title: str
    x_label: str
    rows: tuple[Interval, ...]


@dataclass(frozen=True)
class Shares:
    """Shares in [0, 1] with their 95 % intervals: how much of something goes with each, no effects of anything.

    A row's verdict is "matters" where its share is told; any other is drawn as not told.
    """

    title: str
    x_label: str
    rows: tuple[Interval, ...]


@dataclass(frozen=True)
class Matrix:
    """A labelled grid of numbers (confusion matrix, gradient map).

    lower_is_better: numbers are changes of which a fall is a gain.
    """

    title: str
    values: tuple[tuple[float, ...], ...]
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    row_title: str = ""
    column_title: str = ""
    lower_is_better: bool = False


@dataclass(frozen=True)
class Images:
    """Small pictures with captions; each picture is a base64 PNG."""

    title: str
    pngs: tuple[str, ...]
    captions: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of text under column names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Passage:
    """Words to take along, with a button that copies them; code keeps its lines, prose is wrapped."""

    title: str
    text: str
    is_code: bool = False


@dataclass(frozen=True)
class CostedGain:
    """What something cost and gained, the gain between its limits, coloured by its verdict."""

    label: str
    cost: float
    gain: float
    low: float
    high: float
    verdict: str = ""


@dataclass(frozen=True)
class Pareto:
    """Gain against cost, with the frontier of what nothing else beats in both; a larger gain is better.

    baseline_cost: of doing nothing, which gains 0; None if that is no choice.
    """

    title: str
    cost_label: str
    gain_label: str
    points: tuple[CostedGain, ...]
    baseline_cost: float | None = None


Figure = Lines | Bars | Forest | Shares | Pareto | Matrix | Parallel | Slices | Surface | Images | Table | Passage
KINDS: Mapping[str, type] = {kind.__name__: kind for kind in get_args(Figure)}


def encode_png(image: Tensor) -> str:
    """Turn a (channels, height, width) tensor into a base64 PNG, stretching its range to 0..255.

    What is one pixel high and at least 16 long is no picture to the eye: it is drawn as lines, one a channel.
    Byte images keep their values; anything else is scaled by its own minimum and maximum. One,
    three or four channels are drawn as they are; of any other number the first is shown.
    """
    import numpy as np
    import torch
    from PIL import Image

    from assay.signal_drawing import LEAST_LENGTH, draw_signal

    pixels = image.detach().cpu()
    if pixels.shape[1] == 1 and pixels.shape[2] >= LEAST_LENGTH:
        return _as_base64(draw_signal(pixels[:, 0]))
    if pixels.shape[0] not in (1, 3, 4):
        pixels = pixels[:1]
    if pixels.dtype != torch.uint8:
        low, high = pixels.amin(), pixels.amax()
        pixels = ((pixels - low) / (high - low).clamp(min=1e-12) * 255).round().to(torch.uint8)
    array = pixels.permute(1, 2, 0).numpy()
    return _as_base64(Image.fromarray(np.ascontiguousarray(array[:, :, 0] if array.shape[2] == 1 else array)))


def _as_base64(picture: PillowImage) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def figure_to_dict(figure: Figure) -> dict[str, Any]:
    """Plain JSON values, with the figure's kind by name."""
    return {"kind": type(figure).__name__, **asdict(figure)}


def figure_from_dict(values: Mapping[str, Any]) -> Figure:
    """Inverse of `figure_to_dict`.

    Raises:
        KeyError: the kind is not one of `KINDS`.
    """
    fields = {name: _frozen(value) for name, value in values.items() if name != "kind"}
    kind = KINDS[values["kind"]]
    if kind is Lines:
        fields["series"] = tuple(Series(**_frozen_fields(row)) for row in values["series"])
    if kind in (Forest, Shares):
        fields["rows"] = tuple(Interval(**row) for row in values["rows"])
    if kind is Pareto:
        fields["points"] = tuple(CostedGain(**point) for point in values["points"])
    if "tried" in fields:
        settings = tuple(Setting(**_frozen_fields(row)) for row in values["tried"]["settings"])
        fields["tried"] = Tried(**{**_frozen_fields(values["tried"]), "settings": settings})
    return kind(**fields)


def _frozen_fields(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _frozen(value) for name, value in row.items()}


def _frozen(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_frozen(item) for item in value)
    return value
