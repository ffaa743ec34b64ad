"""Advice that was followed is not given again: the path goes on past it, and from the better run where it helped."""

from __future__ import annotations

from pathlib import Path

import pytest
from measured import not_fitting
from simulated import score

from assay.advice import session as session_module
from assay.advice.counsel import counsel
from assay.advice.measurements import Measurements
from assay.advice.session import AdviceSession, advise_on
from assay.advice.telling import plain, tell_lines
from assay.errors import InputError


class Runs:
    """Folders with made-up measurements in place of what lies there."""

    def __init__(self, root: Path) -> None:
        self.root, self.held = root, dict[Path, Measurements]()

    def add(self, name: str, **changes) -> Path:
        folder = self.root / name
        folder.mkdir()
        (folder / "model.safetensors").touch()
        found = not_fitting(folder=folder, recipe_file=folder / "recipe.toml", target=0.95, **changes)
        self.held[folder] = found
        return folder

    def read(self, folder: Path, *, target: float | None = None) -> Measurements:
        if folder not in self.held:
            raise InputError(f"{folder}: holds no run")
        return self.held[folder]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs(tmp_path)
    monkeypatch.setattr(session_module, "read_run", made.read)
    monkeypatch.setattr("assay.advice.following.read_run", made.read)
    return made


def rules_of(session: AdviceSession) -> list[str]:
    return [one.rule for one in session.next]


def test_advice_that_brought_nothing_leaves_the_conclusion(runs: Runs):
    folder = runs.add("run", findings={})
    first = advise_on(folder)
    assert first.counsel.path.leads_to == "capacity"
    runs.add("run-wider", findings={}, training=score(0.605), validation=score(0.59))
    second = advise_on(folder)
    assert [(one.rule, came.verdict) for one, came in second.followed] == [("capacity", "within noise")]
    assert second.counsel.path.conclusion != "Take a network twice as wide."
    assert "tried: Take a network twice as wide (within noise)" in second.counsel.path.branches[-1].measured
    assert second.counsel.path.leads_to == "searched_rate"
    assert "capacity" not in rules_of(second)
    assert "twice as wide" not in next(line for line in tell_lines(second) if line.startswith("  ->"))


def test_advice_after_one_that_helped_starts_from_the_better_run(runs: Runs):
    folder = runs.add("run", findings={})
    advise_on(folder)
    better = {"training": score(0.8), "validation": score(0.8), "shipped": score(0.8)}
    runs.add("run-wider", findings={}, **better)
    second = advise_on(folder)
    assert [(one.rule, came.verdict) for one, came in second.followed] == [("capacity", "as expected")]
    assert second.counsel.measurements.folder == runs.root / "run-wider"
    assert second.next
    for one in second.next:
        assert str(runs.root / "run-wider") in str(one.command)
        assert f"{folder}/" not in str(one.command)
    lines = list(tell_lines(second))
    assert "followed and helped" in lines[0]
    assert plain(second)["folder"] == str(runs.root / "run-wider")
    runs.add("run-wider-wider", findings={}, **{name: score(0.9) for name in better})
    third = advise_on(folder)
    assert third.counsel.measurements.folder == runs.root / "run-wider-wider"
    assert len(third.followed) == 2


def test_what_was_measured_of_the_data_holds_for_the_better_run(runs: Runs):
    folder = runs.add("run")
    advise_on(folder)
    better = {"training": score(0.8), "validation": score(0.8), "shipped": score(0.8)}
    runs.add("run-wider", findings={}, neighbours=None, **better)
    second = advise_on(folder)
    assert [one.answer for one in second.counsel.path.branches][:3] == ["yes", "yes", "yes"]


def test_a_fault_whose_remedy_did_nothing_stays_a_fault_and_the_path_goes_on():
    run = not_fitting(neighbours=(500, 100))
    tried = counsel(run, came_of=lambda one: "Looked (within noise)" if one.rule == "label_noise" else "")
    labels = next(one for one in tried.path.branches if one.question == "Are the labels sound?")
    assert labels.answer == "no"
    assert labels.measured.endswith("Tried: Looked (within noise).")
    assert tried.path.leads_to == "capacity"


def test_another_rule_that_asks_for_what_was_followed_is_silent_too(runs: Runs):
    from test_advising_rules import plateau

    base = plateau()
    folder = runs.add("run", findings={}, curves=base.curves, recipe=base.recipe)
    first = advise_on(folder)
    rule = next(one for one in first.next if "Cosine()" in str(one.command)).rule
    assert rule in ("rate_decay", "restless_answers")
    name = Path(next(one for one in first.next if one.rule == rule).command.folder or "").name
    runs.add(name, findings={}, curves=base.curves, recipe=base.recipe)
    second = advise_on(folder)
    assert not any("Cosine()" in str(one.command) for one in second.next)
