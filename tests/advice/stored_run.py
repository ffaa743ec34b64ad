"""A run's folder made by hand: a database with the results of stages, without any training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from measured import curves, finding, samples, stage_findings
from simulated import score

from assay.finding import Report
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.store.store import Store, url_of_file
from assay.training.history import History

REQUEST: dict[str, Any] = {"source": "digits", "budget_seconds": 60.0, "seed": 3, "target": None, "group": None,
                           "size": None, "skip_bad": False, "impute": False, "device": None,
                           "decisions": None}  # fmt: skip


def history(training: float = 0.975, validation: float = 0.96) -> History:
    """Of a training that went well."""
    well = curves()
    return History(
        [int(step) for step in well.steps], well.losses.tolist(), well.rates.tolist(),
        [int(look) for look in well.looks],
        well.validation_values.tolist(), well.validation_losses.tolist(), well.dynamics.tolist(), list(samples()),
        {"training": score(training), "validation": score(validation)},
    )  # fmt: skip


def results(*, validation: float = 0.96) -> dict[str, dict[str, Any]]:
    """Of every stage."""
    found: dict[str, list] = {name: [] for name in ("inspect", "verify", "baselines", "overfit", "ablate", "tune",
                                                    "squeeze", "test")}  # fmt: skip
    for name, one in stage_findings().items():
        stage = name.split(".")[0]
        if stage in found:
            found[stage].append(one)
    found["inspect"] += [
        finding("counts", splits={"train": 10_000, "validation": 1_000, "test": 500}),
        finding("class_balance", counts={"train": {"a": 5_100, "b": 4_900}}),
    ]
    found["verify"].append(finding("label_noise", neighbours_agree=500, against=5))
    stages: dict[str, dict[str, Any]] = {
        name: {"report": Report(name, tuple(findings)).to_dict(), "seconds": 1.0} for name, findings in found.items()
    }
    plain = {name: getattr(score(validation), name) for name in ("metric", "value", "low", "high", "n")}
    stages["baselines"]["baselines"] = [
        {"name": "nearest neighbours", "metric": "accuracy", "value": 0.9, "low": 0.88, "high": 0.92, "n": 1000,
         "seconds": 1.0, "trained_on": 0, "remark": ""}
    ]  # fmt: skip
    stages["ablate"] |= {"tricks": [], "recipe": recipe_to_toml(Recipe())}
    stages["squeeze"] |= {"validation": plain, "recipe": recipe_to_toml(Recipe()),
                          "history": history(validation=validation).to_dict()}  # fmt: skip
    stages["test"] |= {"test": plain}
    return stages


def write_run(folder: Path, *, without: tuple[str, ...] = (), validation: float = 0.96) -> Path:
    """The folder, as a run leaves it; stages that are left out were not reached."""
    folder.mkdir(parents=True)
    store = Store(url_of_file(folder / "assay.db"))
    number = store.open_run(str(folder.resolve()), REQUEST)
    for name, result in results(validation=validation).items():
        if name not in without:
            store.record_stage(number, name, result, test_model="model" if name == "test" else None)
    if not without:
        store.set_seconds(number, 60.0, status="done")
        (folder / "recipe.toml").write_text(recipe_to_toml(Recipe()))
    store.close()
    return folder
