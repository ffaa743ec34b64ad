"""`assay agreement FILE`: how far several people agree about the same examples, and what their answers say together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import options
from assay.errors import InputError
from assay.whole_file import replacing

if TYPE_CHECKING:
    from assay.audit.agreement import Agreement

Column = Annotated[str | None, typer.Option(help="A column of FILE, where it is not called so.", show_default=False)]


def agreement(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet: a column for each person, or a row for each answer.", metavar="FILE")
    ],
    example: Column = None,
    annotator: Column = None,
    label: Column = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the labels that all answers give together, as CSV.", show_default=False)
    ] = None,
    seed: options.Seed = 0,
    json: options.Json = False,
) -> None:
    """How far people who labelled the same examples agree, with themselves and with each other."""
    from assay.audit.agreement import describe_agreement, measure_agreement, read_annotations
    from assay.cli.printing import print_report
    from assay.finding import Report

    if out is not None and out.exists():
        raise InputError(f"--out {out}: this file is there; name another one")
    started = time.perf_counter()
    annotations = read_annotations(file, example=example, annotator=annotator, label=label)
    measured = measure_agreement(annotations, seed=seed)
    report = Report("agreement", tuple(describe_agreement(measured)), (), time.perf_counter() - started)
    if out is not None:
        write_labels(measured, out)
    print_report(report, as_json=json)


def write_labels(measured: Agreement, out: Path) -> None:
    """Each example with its label and how sure that is, after Dawid and Skene; both empty for a tie of two people.

    Raises:
        InputError: there are too many classes and people for it, or the file cannot be written.
    """
    import polars

    fused, annotations = measured.fused, measured.annotations
    if fused is None:
        raise InputError(f"--out {out}: too many classes and people to weigh each answer; leave --out out")
    known = ((fused.labels >= 0) & ~measured.undecidable).tolist()
    labels = [annotations.classes[label] if told else None for label, told in zip(fused.labels, known, strict=True)]
    sure = [float(one) if told else None for one, told in zip(fused.posterior.max(1), known, strict=True)]
    table = polars.DataFrame({"id": annotations.ids, "label": labels, "probability": sure},
                             schema_overrides={"label": polars.String, "probability": polars.Float64})  # fmt: skip
    try:
        with replacing(out) as unfinished:
            table.write_csv(unfinished)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror or error}); name another file") from error
