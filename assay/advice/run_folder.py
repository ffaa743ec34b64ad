"""A folder, read once: what a run, a stage alone or a training left there, as measurements. Nothing is changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assay.advice.asked import AskedData
from assay.advice.curves import Curves
from assay.advice.database import count_test_reads, require_known_version
from assay.advice.judged_labels import read_judged
from assay.advice.measurements import Measurements
from assay.advice.person import find_person
from assay.advice.rules.label_noise import CLEANED
from assay.advice.training_file import read_training
from assay.errors import InputError
from assay.finding import LEVELS, Finding, Report
from assay.recipe import Recipe
from assay.recipe_toml import read_recipe, recipe_from_toml
from assay.run_folder import DATABASE, RECIPE, SUMMARY, TRAINING, read_summary
from assay.store.finished import look_at_runs, look_at_stage
from assay.store.trials import VARIABLE
from assay.training.history import History
from assay.training.sample import SplitScore

WHOLE = ("inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze", "test")


def read_run(folder: Path, *, target: float | None = None) -> Measurements:
    """Everything that is known of the run in `folder`; it may have been stopped, or be under way.

    Raises:
        InputError: it is no folder of a run, its database is damaged or of a newer version, or the target is no score.
    """
    if target is not None and not (math.isfinite(target) and target <= 1.0):
        raise InputError(f"--target must be a score of at most 1, got {target:g}; write --target 0.95")
    # Of "." nobody knows the name, and so no folder beside it.
    folder = folder if folder.name not in ("", "..") else folder.resolve()
    if not folder.is_dir():
        raise InputError(f"{folder}: must be the folder of a run, and there is none; `assay runs` lists them")
    database, training = folder / DATABASE, folder / TRAINING
    if not database.is_file() and not training.is_file() and (folder / SUMMARY).is_file():
        raise InputError(
            f"{folder}: the run there keeps its state in the database that --database named, and advice is given by "
            f"{DATABASE} in the folder; run it without --database, which {VARIABLE} names for its trainings as well"
        )
    if not database.is_file() and not training.is_file():
        raise InputError(f"{folder}: holds no run ({DATABASE}) and no training ({TRAINING}); name the folder of one")
    found = of_training(training) if training.is_file() else Measurements()
    if database.is_file():
        found = of_database(database, found)
    recipe = read_recipe_in(folder) or found.recipe
    found = replace(
        found,
        folder=folder,
        recipe=recipe,
        scores=scores_in(folder),
        unread=unread_in(folder),
        recipe_file=folder / RECIPE if (folder / RECIPE).is_file() else None,
    )
    judged, unread = read_judged(Path(found.place.beside(CLEANED)), found.examples)
    found = replace(found, judged=judged, unread=(*found.unread, *unread))
    person = None if target is not None else find_person(folder, found.asked.source)
    return replace(
        found,
        target=person if target is None else target,
        target_from="" if target is None and person is None else "a person's" if target is None else "given",
    )


def of_training(path: Path) -> Measurements:
    """Of a training alone.

    Raises:
        InputError: the file is damaged, or of another version.
    """
    values = read_training(path)
    try:
        return as_measurements(values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: lacks or has the wrong {error}; train again into another folder") from error


def as_measurements(values: Mapping[str, Any]) -> Measurements:
    """The values of the file as rules read them."""
    history = History.from_dict(values["history"])
    curves = Curves.of(
        history, steps_per_epoch=values["steps_per_epoch"], metric=values["metric"], chance=values["chance"]
    )
    return Measurements(
        asked=AskedData.of(values["request"]),
        metric=values["metric"],
        curves=curves,
        training=history.scores.get("training"),
        validation=history.scores.get("validation"),
        shipped=SplitScore(**values["shipped"]),
        chance=values["chance"],
        examples=values["examples"],
        input_shape=tuple(values.get("input_shape", ())),
        validation_examples=values["validation_examples"],
        per_class=values["per_class"],
        neighbours=None if values["neighbours"] is None else tuple(values["neighbours"]),
    )


def of_database(path: Path, found: Measurements) -> Measurements:
    """The newest whole run in it, and of the stages that were run alone on the same data those that it has not got."""
    require_known_version(path)
    runs = look_at_runs(path)
    whole = [run for run in runs if "stage" not in run.request]
    main = whole[-1:] or runs[-1:]
    if not runs:
        raise InputError(f"{path}: no run was begun in this database; name the folder of a run")
    results: dict[str, Mapping[str, Any]] = {}
    asked = AskedData.of(main[0].request)
    for run in (*(one for one in runs if one not in main and AskedData.of(one.request) == asked), *main):
        results |= {name: result for name in run.done if (result := look_at_stage(path, run.id, name)) is not None}
    found = replace(
        found,
        asked=asked,
        stages=tuple(results),
        missing=tuple(name for name in WHOLE if name not in main[0].done) if whole else (),
    )
    try:
        found = of_stages(results, found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path}: was written by another version of Assay ({type(error).__name__}: {error}); "
            "advise with that version, or run again"
        ) from error
    return replace(found, test_reads=count_test_reads(path, main[0].id) if whole else None)


def of_stages(results: Mapping[str, Mapping[str, Any]], found: Measurements) -> Measurements:
    """What each finished stage says."""
    findings = findings_of(results)
    found = with_data(findings, replace(found, findings=findings))
    if "baselines" in results:
        rows = results["baselines"]["baselines"]
        best = max(rows, key=lambda row: row["value"], default=None)
        if best is not None:
            found = replace(found, baseline=tuple(best[name] for name in ("name", "value", "low", "high", "n")))
    if "ablate" in results:
        found = replace(found, tricks=tuple(results["ablate"].get("tricks", ())))
    toml = next(
        (results[name]["recipe"] for name in ("squeeze", "tune", "ablate") if results.get(name, {}).get("recipe")), None
    )
    found = replace(found, recipe=None if toml is None else recipe_from_toml(toml))
    if "squeeze" in results:
        found = with_squeeze(results["squeeze"], found)
    return replace(found, test=plain_score(results["test"]["test"])) if "test" in results else found


def findings_of(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Finding]:
    """By "stage.id"; of several with one id the worst."""
    found: dict[str, Finding] = {}
    for stage, result in results.items():
        for one in Report.from_dict(result["report"]).findings:
            before = found.get(f"{stage}.{one.id}")
            if before is None or LEVELS.index(one.level) < LEVELS.index(before.level):
                found[f"{stage}.{one.id}"] = one
    return found


def with_data(findings: Mapping[str, Finding], found: Measurements) -> Measurements:
    """How many examples there are, of each class too, and how their labels agree with their neighbours."""
    counts, classes, noise = (
        findings.get(name) for name in ("inspect.counts", "inspect.class_balance", "verify.label_noise")
    )
    if counts is not None:
        splits = counts.evidence["splits"]
        shape = tuple(counts.evidence.get("shape", ()))
        found = replace(found, examples=splits["train"], validation_examples=splits["validation"], input_shape=shape)
    if classes is not None:
        found = replace(found, per_class=classes.evidence["counts"]["train"])
        found = replace(found, chance=max(found.per_class.values()) / max(1, sum(found.per_class.values())))
    if noise is not None and "neighbours_agree" in noise.evidence:
        found = replace(found, neighbours=(noise.evidence["neighbours_agree"], noise.evidence["against"]))
    return found


def with_squeeze(result: Mapping[str, Any], found: Measurements) -> Measurements:
    """The curves and scores of the long training, which may be a student's."""
    history, shipped = History.from_dict(result["history"]), plain_score(result["validation"])
    recipe = found.recipe
    steps = max(1, (found.examples or 1) // recipe.batch_size) if recipe is not None and found.examples else 1
    chance = found.chance if shipped.metric == "accuracy" else 0.0
    curves = Curves.of(history, steps_per_epoch=steps, metric=shipped.metric, chance=chance)
    return replace(
        found,
        metric=shipped.metric,
        curves=curves,
        shipped=shipped,
        chance=chance,
        training=history.scores.get("training"),
        validation=history.scores.get("validation"),
    )


def plain_score(values: Mapping[str, Any]) -> SplitScore:
    """Without a loss."""
    low, high = values["interval"] if "interval" in values else (values["low"], values["high"])
    return SplitScore(values["metric"], values["value"], low, high, values["n"], math.nan, math.nan)


def read_recipe_in(folder: Path) -> Recipe | None:
    """The recipe that lies there, if one does.

    Raises:
        InputError: the file is damaged.
    """
    path = folder / RECIPE
    return read_recipe(path) if path.is_file() else None


def scores_in(folder: Path) -> Mapping[str, Any] | None:
    """The scores of validation examples that a training's summary keeps."""
    summary = read_summary(folder)
    found = summary.get("examples") if summary.get("test") is None else None
    return found if isinstance(found, dict) and {"ids", "scores"} <= set(found) else None


def unread_in(folder: Path) -> tuple[str, ...]:
    """The summary, where there is one that is cut short or no summary: what it keeps is then not known."""
    path = folder / SUMMARY
    if not path.is_file() or read_summary(folder):
        return ()
    return (f"{path}: is no summary, or is cut short; the scores of single examples in it are not known",)
