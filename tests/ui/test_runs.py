"""Runs: how each stands by its files, its curves, and what the tab shows of it."""

from __future__ import annotations

import html
import json
import math
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from page_support import make_workspace
from run_support import CONFUSIONS, ERRORS, TRICKS, finish_stage, grow, make_run
from starlette.testclient import TestClient

from assay.finding import Finding, Report
from assay.stages.sitting import database_in
from assay.store.store import Store
from assay.training.live import Curve
from assay.ui.app import make_app
from assay.ui.asked import Asked
from assay.ui.opening import resolve
from assay.ui.run_curves import curves_of, draw_losses, draw_values, stages_with_curves
from assay.ui.run_list import CURVES, RunList, choose_root, newest_run

ABLATED, TESTED = Report("ablate", (TRICKS,)), Report("test", (CONFUSIONS, ERRORS))


def client_of(folder: Path, place: Path) -> TestClient:
    workspace = make_workspace(folder, place=str(place))
    assert workspace.subject is not None
    if (place / "assay.db").is_file():
        workspace.subject = replace(workspace.subject, folder=place)
    return TestClient(make_app(workspace), base_url="http://localhost")


def age(folder: Path, seconds: float) -> None:
    """Make it look as if nothing had been written for so long."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_a_run_stands_as_its_files_tell(tmp_path: Path) -> None:
    make_run(tmp_path, "a", done={"inspect": Report("inspect")}, begun="ablate")
    grow(tmp_path / "a", 3)
    make_run(tmp_path, "b", done={"test": TESTED}, is_finished=True)
    age(make_run(tmp_path, "c", begun="verify"), 300.0)
    (tmp_path / "no run").mkdir()
    states = {state.name: state for state in RunList(tmp_path).states()}
    assert {name: state.state for name, state in states.items()} == {"a": "running", "b": "done", "c": "silent"}
    assert (states["a"].stage, states["a"].text, states["a"].done) == ("ablate", "trial-1, seed 4", ("inspect",))
    assert states["a"].told_time == "40 s of 2 min"
    assert states["b"].score == "test accuracy 90.0 % [60.0, 98.0]"
    assert states["c"].told_quiet == "5 min"
    assert "decisions" not in states["a"].planned


def test_a_stage_alone_that_ended_is_done_and_an_old_summary_is_of_no_later_run(tmp_path: Path) -> None:
    for name, done in (("curve", {"learning curve": Report("learning curve")}), ("begun", {})):
        folder = tmp_path / name
        folder.mkdir()
        store = Store(database_in(folder))
        run = store.open_run(f"{folder.resolve()}#stage", {"stage": "learning curve", "seed": 0})
        for stage, report in done.items():
            store.record_stage(run, stage, {"report": report.to_dict()})
        store.close()
    make_run(tmp_path, "again", begun="verify")
    for name in ("begun", "again"):
        (tmp_path / name / "summary.json").write_text('{"source": "old"}')
        age(tmp_path / name, 300.0)
    states = {state.name: state.state for state in RunList(tmp_path).states()}
    assert states == {"curve": "done", "begun": "silent", "again": "silent"}


def test_a_run_that_ended_by_ctrl_c_is_not_running(tmp_path: Path) -> None:
    store = Store(database_in(make_run(tmp_path, "a", begun="verify")))
    store.mark_stopped(1)
    store.close()
    assert [state.state for state in RunList(tmp_path).states()] == ["silent"]


def test_a_folder_of_many_runs_is_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        make_run(tmp_path, name)
    listed, iterdir = list[Path](), Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: listed.append(self) or iterdir(self))
    RunList(tmp_path).states()
    assert listed.count(tmp_path) == 1


def test_a_learning_curve_among_runs_is_passed_over(tmp_path: Path) -> None:
    age(make_run(tmp_path, "run"), 300.0)
    folder = tmp_path / "curve"
    folder.mkdir()
    store = Store(database_in(folder))
    store.open_run(f"{folder.resolve()}#curve", {"stage": "learning curve"})
    store.close()
    asked, found = resolve(Asked(str(tmp_path)))
    assert (asked.place, found) == ("pictures", tmp_path / "run")


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", done={"ablate": ABLATED})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    runs = RunList(tmp_path)
    runs.states()
    runs.report("a", "ablate")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_training_alone_is_known_by_its_curves(tmp_path: Path) -> None:
    (tmp_path / "train-digits").mkdir()
    grow(tmp_path / "train-digits", 3, name="training", stage="train")
    state = RunList(tmp_path).state("train-digits")
    assert (state.state, state.planned, state.told_time) == ("running", (), "")
    (tmp_path / "train-digits" / "model.safetensors").touch()
    assert RunList(tmp_path).state("train-digits").state == "done"


def test_a_database_that_cannot_be_read_hides_no_other_run(tmp_path: Path) -> None:
    make_run(tmp_path, "a")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "assay.db").write_text("no database")
    assert {state.name for state in RunList(tmp_path).states()} == {"a", "broken"}


def test_runs_are_looked_for_around_the_place_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_run(tmp_path / "mine", "a")
    assert choose_root(str(folder)) == (tmp_path / "mine")
    assert choose_root(str(tmp_path / "mine")) == tmp_path / "mine"
    assert choose_root("digits") == Path("assay-runs")


def test_a_folder_of_runs_opens_the_one_that_was_written_to_last(tmp_path: Path) -> None:
    age(make_run(tmp_path, "old", source="old"), 100.0)
    new = make_run(tmp_path, "new", source="new")
    assert newest_run(tmp_path) == new
    asked, folder = resolve(Asked(str(tmp_path)))
    assert (asked.place, asked.seed, folder) == ("new", 4, new)
    assert newest_run(tmp_path / "nowhere") is None


def test_curves_are_drawn_by_stage_with_the_last_in_front() -> None:
    curves = {
        str(n): Curve(str(n), "ablate", f"seed {n}", 3, "accuracy", {0: 2.0, 1: 1.0}, values={3: 0.5}, done=n < 9)
        for n in range(10)
    }
    curves["m"] = Curve("m", "squeeze", "member", 9, "accuracy", {0: 2.0}, values={1: 0.5, 2: 0.6})
    assert stages_with_curves(curves) == ("ablate", "squeeze")
    losses = draw_losses(curves_of(curves, "ablate"))
    assert [series.marks for series in losses.series] == ["faint line"] * 9 + ["line"]
    assert losses.series[-1].name == "seed 9 (under way)"
    assert losses.log_y
    diverged = Curve("d", "ablate", "seed 0", 3, "accuracy", {0: 2.0, 1: float("nan")})
    assert not draw_losses([diverged]).log_y, "what is no number has no logarithm"
    ends = draw_values(curves_of(curves, "ablate"))
    assert ends.series[0].x == tuple(map(float, range(1, 11))), "each looks once: by training, not by step"
    assert draw_values(curves_of(curves, "squeeze")).series[0].y == (0.5, 0.6)


def test_the_list_tells_what_changed_only(tmp_path: Path) -> None:
    make_run(tmp_path, "a", begun="ablate")
    client = client_of(tmp_path, tmp_path)
    page = html.unescape(client.get("/runs").text)
    seen = page.split("/runs/list?seen=")[1].split('"')[0]
    assert client.get(f"/runs/list?seen={seen}").status_code == 204
    grow(tmp_path / "a", 3)
    changed = client.get(f"/runs/list?seen={seen}")
    assert changed.status_code == 200
    assert "running" in changed.text


def test_a_run_is_told_with_effects_of_tricks_and_worst_errors(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", done={"ablate": ABLATED, "test": TESTED}, is_finished=True)
    client = client_of(tmp_path, folder)
    page = html.unescape(client.get("/runs").text)
    assert "Forest plot: Effect of each trick alone" in page
    assert page.index("answered wrongly") < page.index("Most frequent confusions")
    assert "said dog (93 %), labelled cat" in page
    assert "/browse?where=id+IN+%28%27picture-55%27%29" in page, "the data of this run is what Browse shows"
    report = client.get("/runs/a/report")
    assert "the report" in report.text
    assert "'unsafe-inline'" in report.headers["content-security-policy"]
    assert "sandbox allow-scripts; form-action 'none'" in report.headers["content-security-policy"]


def test_a_run_that_goes_on_is_told_by_what_changed(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", begun="ablate")
    client = client_of(tmp_path, folder)
    page = html.unescape(client.get("/runs/a").text)
    assert "No training has begun yet" in page
    ask = page.split('hx-get="/runs/a/now?')[1].split('"')[0]
    assert client.get(f"/runs/a/now?{ask}").status_code == 204
    grow(folder, 3)
    first = html.unescape(client.get(f"/runs/a/now?{ask}").text)
    assert 'id="curves" class="curves" hx-swap-oob' in first, "the first curve brings its chart"
    ask = first.split('hx-get="/runs/a/now?')[1].split('"')[0]
    grow(folder, 9)
    later = html.unescape(client.get(f"/runs/a/now?{ask}").text)
    assert 'id="curves"' not in later, "a chart that is there is drawn over, not taken away"
    assert '"x":[0.0,1.0,2.0,3.0,4.0,5.0,6.0,7.0,8.0]' in later
    ask = later.split('hx-get="/runs/a/now?')[1].split('"')[0]
    finish_stage(folder, "ablate", ABLATED)
    assert "Of 2 tricks 1 helps" in client.get(f"/runs/a/now?{ask}").text


def test_other_data_has_no_way_to_browse(tmp_path: Path) -> None:
    make_run(tmp_path, "a", source="other", done={"test": TESTED}, is_finished=True)
    page = client_of(tmp_path, tmp_path).get("/runs/a").text
    assert "answered wrongly" in page
    assert "/browse?where=id" not in page


@pytest.mark.parametrize("path", ["/runs/nowhere", "/runs/..%2F..", "/runs/a/report"])
def test_what_is_not_there_is_said(tmp_path: Path, path: str) -> None:
    make_run(tmp_path, "a")
    answer = client_of(tmp_path, tmp_path).get(path)
    assert answer.status_code == 404


def test_without_runs_the_page_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = client_of(tmp_path, Path("pictures")).get("/runs").text
    assert "assay run pictures" in page


def test_curves_that_were_given_do_not_change_under_their_reader(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "summary.json").write_text("{}")
    line = {"stage": "tune", "text": "t", "time": 1.0, "name": "a", "total": 4, "metric": "accuracy", "done": False,
            "steps": [1], "losses": [2.0], "looks": [], "values": []}  # fmt: skip
    (folder / CURVES).write_text(json.dumps(line) + "\n")
    runs = RunList(tmp_path)
    given = runs.tail("one")
    with (folder / CURVES).open("a") as file:
        file.write(json.dumps({**line, "name": "b", "steps": [2]}) + "\n")
    assert (set(runs.tail("one").curves), set(given.curves)) == ({"a", "b"}, {"a"})


def test_losses_of_a_long_training_are_means_of_the_last_fortieth_of_its_steps() -> None:
    losses = {step: float(step % 2) + 1.0 for step in range(80)}
    long = Curve("a", "ablate", "long", 80, "accuracy", losses)
    short = Curve("b", "ablate", "short", 80, "accuracy", {0: 3.0, 1: 5.0, 2: 4.0})
    drawn = draw_losses([long, short])
    assert drawn.title == draw_losses([short]).title == "Training loss, mean of the last fortieth of the steps"
    assert drawn.series[0].y == (1.0, *[1.5] * 79)
    assert drawn.series[1].y == (3.0, 4.0, 4.5)
    assert draw_losses([short]).series[0].y == (3.0, 5.0, 4.0), "few steps are told as they are"
    broken = draw_losses([Curve("a", "ablate", "long", 80, "accuracy", losses | {10: math.nan})])
    assert [place for place, value in enumerate(broken.series[0].y) if math.isnan(value)] == [10, 11]


def test_a_stage_that_proved_something_wrong_is_not_told_as_the_others(tmp_path: Path) -> None:
    wrong = Report("verify", (Finding("dead_gradient", "proved", "A layer learns nothing."),))
    make_run(tmp_path, "a", done={"inspect": Report("inspect"), "verify": wrong}, is_finished=True)
    page = client_of(tmp_path, tmp_path).get("/runs/a").text
    assert re.search(r'<li class="done">inspect<span', page)
    assert re.search(r'<li class="done proved">verify · <b>1 proved</b><span', page)
