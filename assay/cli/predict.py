"""`assay predict OUT FILES...`: the trained model on new data, with its own preprocessing."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from assay.cli import options


def predict(
    out: Annotated[Path, typer.Argument(help="Folder of a run or training, or its model file.")],
    files: Annotated[list[Path], typer.Argument(help="Images, or tables or arrays like the training data.")],
    device: options.Device = None,
    json: options.Json = False,
) -> None:
    """Predict on new files."""
    from assay.artifact import load_model
    from assay.device import choose_device

    place = choose_device(device)
    model = load_model(out)
    model.module.to(place)
    answers = [row for file in files for row in answer_file(model, file)]
    if json:
        print(json_module.dumps(answers, indent=2))
        return
    for row in answers:
        place = row["file"] + (f" row {row['row']}" if "row" in row else "")
        told = f"{row['class']} ({row['probability']:.1%})" if "class" in row else f"{row['value']:.6g}"
        print(f"{place}: {told}")


def answer_file(model: Any, file: Path) -> list[dict[str, Any]]:
    """One answer for an image, one a row for a table or an array."""
    outputs = model.predict(model.read(file))
    single = model.specification.is_image and len(outputs) == 1
    rows = []
    for number, output in enumerate(outputs, start=1):
        row: dict[str, Any] = {"file": str(file)} if single else {"file": str(file), "row": number}
        if model.specification.task == "classification":
            share, index = output.max(0)
            row |= {"class": model.specification.classes[int(index)], "probability": float(share)}
        else:
            row["value"] = float(output[0])
        rows.append(row)
    return rows
