"""Following a command's curves: each point once, whatever stops; a tool that breaks or hangs is told of once."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assay.store.store import Store, url_of_file
from assay.tracking.follow import followed
from assay.tracking.outcome import read_outcome, scores_of, settings_of
from assay.tracking.sink import Outcome, Tracked
from assay.training.history import History
from assay.training.live import FILE, LiveFile


@dataclass(eq=False)
class Told:
    """A recorder that remembers; it breaks at the step called `breaks`."""

    breaks: int | None = None
    points: list[tuple[str, int, Mapping[str, float]]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def point(self, curve: str, step: int, values: Mapping[str, float]) -> None:
        if step == self.breaks:
            raise ConnectionError("the server\nis gone")
        self.points.append((curve, step, values))

    def end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@dataclass(frozen=True)
class Remembering:
    told: Told
    begins_after: float = 0.0
    package = "remembering"

    def begin(self, tracked: Tracked) -> Told:
        time.sleep(self.begins_after)
        return self.told


def history_of(steps: int, looks: tuple[int, ...] = ()) -> History:
    return History(steps=list(range(steps)), losses=[1.0 / (step + 1) for step in range(steps)],
                   learning_rates=[0.1] * steps, looks=list(looks), validation_values=[0.5] * len(looks))  # fmt: skip


def grow(folder: Path, name: str, history: History, live: LiveFile | None = None) -> None:
    live = live or LiveFile(folder / FILE, every_seconds=0.0)
    live.grow(name, history, 10, metric="accuracy", stage="ablate", text=f"{name}, seed 1")


def follow(folder: Path, *tolds: Told, said: list[str] | None = None, **options: float) -> object:
    sinks = [Remembering(told) for told in tolds]
    return followed(sinks, Tracked("run", folder), say=(said if said is not None else []).append,
                    every_seconds=0.01, **options)  # fmt: skip


def test_each_point_is_told_once_while_curves_grow(tmp_path: Path) -> None:
    told, live = Told(), LiveFile(tmp_path / FILE, every_seconds=0.0)
    with follow(tmp_path, told):
        grow(tmp_path, "a", history_of(2), live)
        time.sleep(0.1)
        assert ("ablate/a, seed 1", 1, {"loss": 0.5, "learning_rate": 0.1}) in told.points, "before the end"
        grow(tmp_path, "a", history_of(4, looks=(3,)), live)
        grow(tmp_path, "b/c", history_of(1), live)
    curves = {curve for curve, _, _ in told.points}
    assert curves == {"ablate/a, seed 1", "ablate/b per c, seed 1"}
    steps = [step for curve, step, values in told.points if "loss" in values and curve.startswith("ablate/a")]
    assert steps == [0, 1, 2, 3]
    assert [(step, values) for _, step, values in told.points if "accuracy" in values] == [(3, {"accuracy": 0.5})]
    assert [outcome.finished for outcome in told.outcomes] == [True]


def test_what_an_earlier_sitting_told_is_not_told_again(tmp_path: Path) -> None:
    grow(tmp_path, "a", history_of(3))
    told = Told()
    with follow(tmp_path, told):
        # It goes on from its checkpoint, and tells its curve from the beginning.
        grow(tmp_path, "a", history_of(5))
    assert [step for _, step, _ in told.points] == [3, 4]


def test_a_stop_ends_it_as_stopped(tmp_path: Path) -> None:
    told = Told()

    def stopped() -> None:
        with follow(tmp_path, told):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [outcome.finished for outcome in told.outcomes] == [False]


def test_a_tool_that_breaks_is_told_once_and_hinders_no_other(tmp_path: Path) -> None:
    broken, whole, said = Told(breaks=1), Told(), list[str]()
    with follow(tmp_path, broken, whole, said=said):
        grow(tmp_path, "a", history_of(4))
        time.sleep(0.1)
        grow(tmp_path, "b", history_of(4))
    assert said == ["tracking by remembering stopped (ConnectionError: the server is gone); nothing else did"]
    assert len(broken.points) == 1
    assert len(whole.points) == 8
    assert len(whole.outcomes) == 1


def test_a_tool_that_hangs_is_left_behind(tmp_path: Path) -> None:
    said = list[str]()
    with followed([Remembering(Told(), begins_after=2.0)], Tracked("run", tmp_path), say=said.append,
                  patience_seconds=0.05):  # fmt: skip
        pass
    assert said == ["tracking by remembering takes longer than 0.05 s to end; it is left behind"]


def test_without_sinks_nothing_happens(tmp_path: Path) -> None:
    with follow(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_outcome_is_what_lies_in_the_folder(tmp_path: Path) -> None:
    assert read_outcome(tmp_path, finished=False) == Outcome(False)
    (tmp_path / "recipe.toml").write_text('epochs = 4.0\n[optimizer]\nkind = "SGD"\n[[tricks]]\nkind = "Cosine"\n'
                                          'of = "weight_decay"\nfloor = 0.1\n')  # fmt: skip
    summary = {"test": {"metric": "accuracy", "value": 0.9, "interval": [0.8, None]}, "validation": None,
               "tricks": [{"trick": "EMA()", "effect": 0.01, "interval": [-0.01, 0.03], "n": 5},
                          {"trick": "Flip()", "effect": None, "interval": [None, None]}]}  # fmt: skip
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    outcome = read_outcome(tmp_path, finished=True)
    assert outcome.parameters == {
        "epochs": 4.0, "optimizer.kind": "SGD", "tricks.Cosine.weight_decay.kind": "Cosine",
        "tricks.Cosine.weight_decay.of": "weight_decay", "tricks.Cosine.weight_decay.floor": 0.1,
    }  # fmt: skip
    effect = {"effect": 0.01, "effect_low": -0.01, "effect_high": 0.03, "n": 5.0}
    assert outcome.scores == {"test/accuracy": 0.9, "test/accuracy_low": 0.8,
                              **{f"tricks/EMA()/{name}": value for name, value in effect.items()}}  # fmt: skip
    assert [path.name for path in outcome.files] == ["recipe.toml", "summary.json"]


def test_a_study_without_a_recipe_file_is_told_with_its_baseline_and_its_question(tmp_path: Path) -> None:
    """Only its source and seed were told."""
    study = {"tricks": ["EMA", "Mixup(0.2)"], "design": "add-one", "seeds": 5, "metric": None}
    with closing(Store(url_of_file(tmp_path / "assay.db"))) as store:
        run = store.open_run("study", {"source": "digits", "stage": "ablate", "study": study})
        assert read_outcome(tmp_path, finished=False).parameters == {}, "it was stopped before it began"
        store.decide(run, "recipe", lambda: {"toml": 'epochs = 4.0\n[optimizer]\nkind = "SGD"\n'})
    assert read_outcome(tmp_path, finished=True).parameters == {
        "epochs": 4.0, "optimizer.kind": "SGD", "study.tricks": "EMA, Mixup(0.2)", "study.design": "add-one",
        "study.seeds": 5,
    }  # fmt: skip
    (tmp_path / "recipe.toml").write_text("epochs = 9.0\n")
    assert read_outcome(tmp_path, finished=True).parameters["epochs"] == 9.0
    (tmp_path / "assay.db").write_text("no database")
    assert read_outcome(tmp_path, finished=True).parameters == {"epochs": 9.0}


def test_damaged_results_are_no_outcome_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("= nothing")
    (tmp_path / "summary.json").write_text("[")
    assert read_outcome(tmp_path, finished=True).parameters == {}
    assert dict(settings_of({})) == dict(scores_of({})) == {}
