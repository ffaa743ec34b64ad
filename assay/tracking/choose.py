"""Sinks as they are written on a command line: `tensorboard`, `tensorboard:DIR`, `mlflow:URI`, `wandb:PROJECT`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from assay.errors import InputError
from assay.tracking.event_files import TensorBoard
from assay.tracking.mlflow_runs import MLflow
from assay.tracking.sink import Sink
from assay.tracking.weights_and_biases import WeightsAndBiases

SINKS: dict[str, Callable[[str], Sink]] = {
    "tensorboard": lambda place: TensorBoard(Path(place) if place else None),
    "mlflow": lambda place: MLflow(place or None),
    "wandb": lambda place: WeightsAndBiases(place) if place else WeightsAndBiases(),
}


def choose_sinks(texts: Sequence[str]) -> tuple[Sink, ...]:
    """One for each text; before anything is trained.

    Raises:
        InputError: a tool is unknown, named twice, or its package is not installed.
    """
    names = [text.partition(":")[0] for text in texts]
    for number, name in enumerate(names):
        if name not in SINKS:
            near = difflib.get_close_matches(name, SINKS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(SINKS)}"
            raise InputError(f"--track {name!r}: there is no such tool; {hint}")
        if name in names[:number]:
            raise InputError(f"--track {name} is given twice; give it once")
    sinks = tuple(SINKS[name](text.partition(":")[2]) for name, text in zip(names, texts, strict=True))
    for sink in sinks:
        if find_spec(sink.package) is None:
            raise InputError(f"--track needs the package {sink.package}, which is not installed; "
                             f'pip install "assay-train[track]", or {sink.package} alone')  # fmt: skip
    return sinks
