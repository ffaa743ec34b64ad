"""`assay tricks show NAME`: what finished runs and ablations below the folder measured."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cli_support import Assay

from assay.store.store import Store, url_of_file

MIXUP = {"trick": "Mixup(alpha=0.4)", "effect": -0.012, "n": 3, "verdict": "hurts", "low": -0.02, "high": -0.004,
         "detectable": 0.01}  # fmt: skip
UNCLEAR = {**MIXUP, "verdict": "no measurable effect", "low": -0.2, "high": 0.3, "effect": 0.05, "detectable": 0.27512}
SEEN = "\N{GREATER-THAN OR EQUAL TO}"


def findings(unit: str = "points") -> list[dict[str, Any]]:
    return [{"id": "trick_stack", "evidence": {}}, {"id": "trick_effects", "evidence": {"unit": unit}}]


def write_ablation(folder: Path, row: dict[str, Any], unit: str = "points") -> None:
    """A database as `assay ablate --out FOLDER` leaves it."""
    folder.mkdir(parents=True)
    store = Store(url_of_file(folder / "assay.db"))
    run = store.open_run(str(folder), {"source": "digits"})
    rows = [row, {**row, "trick": "Crop()"}]
    store.record_stage(run, "ablate", {"tricks": rows, "report": {"findings": findings(unit)}})
    store.close()


def write_summary(folder: Path, row: dict[str, Any]) -> None:
    """A summary as `assay run` leaves it, which has no `detectable` of its own."""
    folder.mkdir(parents=True)
    told = {name: value for name, value in row.items() if name not in ("low", "high", "detectable")}
    told["interval"] = [row["low"], row["high"]]
    if "no measurable" in row["verdict"]:
        told["verdict"] += f" (would have seen {SEEN} {100 * row['detectable']:.2f} points)"
    summary = {"source": "digits", "stages": {"ablate": {"findings": findings()}}, "tricks": [told]}
    (folder / "summary.json").write_text(json.dumps(summary))


@pytest.mark.parametrize("folder", ["assay-runs/a1", "runs/photos", "made/in/2024/photos", "."])
@pytest.mark.parametrize("write", [write_ablation, write_summary])
def test_results_are_found_wherever_they_lie(assay: Assay, tmp_path: Path, monkeypatch, folder: str, write) -> None:
    write(tmp_path / "new" / folder, UNCLEAR)
    monkeypatch.chdir(tmp_path / "new")
    line = (f"  digits ({folder}): Mixup(alpha=0.4) no measurable effect, +5.00 [\N{MINUS SIGN}20.00, +30.00] points "
            f"(95 %, n = 3; would have seen {SEEN} 27.51 points)")  # fmt: skip
    told = assay("tricks", "show", "mixup")
    assert told.out.endswith(f"\nHere:\n{line}\n"), told.out[-300:]
    (worth,) = json.loads(assay("tricks", "show", "mixup", "--json").out)["here"]
    assert (worth["effect"], worth["metric"], worth["run"]) == (0.05, "accuracy", folder)
    assert worth["detectable"] == pytest.approx(0.2751, abs=1e-4)
    assert "Here:" not in assay("tricks", "show", "flip").out


def test_a_verdict_needs_no_smallest_effect_and_r2_is_no_point(assay: Assay) -> None:
    write_ablation(Path("one"), MIXUP)
    write_ablation(Path("two"), UNCLEAR, unit="r2")
    minus = "\N{MINUS SIGN}"
    assert assay("tricks", "show", "mixup").out.splitlines()[-2:] == [
        f"  digits (one): Mixup(alpha=0.4) hurts, {minus}1.20 [{minus}2.00, {minus}0.40] points (95 %, n = 3)",
        f"  digits (two): Mixup(alpha=0.4) no measurable effect, +0.050 [{minus}0.200, +0.300] R² "
        f"(95 %, n = 3; would have seen {SEEN} 0.275 R²)",
    ]


def test_a_run_with_both_is_told_once_and_looking_leaves_no_trace(assay: Assay) -> None:
    write_ablation(Path("run"), MIXUP)
    write_summary(Path("other"), MIXUP)
    Path("other/summary.json").rename("run/summary.json")
    before = {path: path.stat().st_mtime_ns for path in Path("run").iterdir()}
    assert assay("tricks", "show", "mixup").out.count("(95 %") == 1
    assert {path: path.stat().st_mtime_ns for path in Path("run").iterdir()} == before


def test_a_database_that_is_being_written_is_read_too(assay: Assay) -> None:
    write_ablation(Path("run"), MIXUP)
    store = Store(url_of_file(Path("run/assay.db")))
    run = store.open_run("second", {"source": "photos"})
    store.record_stage(run, "ablate", {"tricks": [MIXUP], "report": {"findings": findings()}})
    assert Path("run/assay.db-wal").exists()
    assert assay("tricks", "show", "mixup").out.count("(95 %") == 2
    store.close()


def test_what_cannot_be_read_is_named_and_passed_by(assay: Assay) -> None:
    for folder, text in (("a", "{"), ("b", '{"tricks": [], "stages": {"ablate": null}}'), ("c", "\N{BLACK SQUARE}")):
        Path(folder).mkdir()
        Path(folder, "summary.json").write_text(text, encoding="utf-16" if folder == "c" else "utf-8")
    Path("d").mkdir()
    Path("d", "assay.db").write_text("no database " * 100)
    write_summary(Path("damaged"), MIXUP)
    write_ablation(Path("e"), MIXUP)
    Path("e", "assay.db").write_bytes(Path("e", "assay.db").read_bytes()[:5000])
    Path("damaged", "summary.json").rename("e/summary.json")
    write_ablation(Path("good"), MIXUP)
    told = assay("tricks", "show", "mixup")
    assert told.out.count("(95 %") == 2, "the good one, and the summary beside a damaged database"
    starts = (
        "assay: skipped a/summary.json: it is no JSON (Expecting property name",
        "assay: skipped b/summary.json: it holds something else than an ablation leaves (TypeError: ",
        "assay: skipped c/summary.json: it is no JSON ('utf-8' codec can't decode",
        "assay: skipped d/assay.db: no runs can be read from this database (file is not a database); restore it,",
        "assay: skipped e/assay.db: no runs can be read from this database (database disk image is malformed)",
    )
    assert len(told.lines) == len(starts)
    for line, start in zip(told.lines, starts, strict=True):
        assert line.startswith(start), line
    assert told.code == 0


def test_one_unreadable_ablation_hides_no_other_of_its_database(assay: Assay) -> None:
    write_ablation(Path("run"), MIXUP)
    store = Store(url_of_file(Path("run/assay.db")))
    store.record_stage(store.open_run("second", {"source": "photos"}), "ablate", {"report": {"findings": []}})
    store.close()
    told = assay("tricks", "show", "mixup")
    assert told.out.count("(95 %") == 1
    reason = "it holds something else than an ablation leaves (KeyError: 'tricks')"
    assert told.lines == [f"assay: skipped run/assay.db: {reason}"]


def test_what_is_no_result_is_passed_by_in_silence(assay: Assay) -> None:
    for folder, text in (("a", "[]"), ("b", "{}"), ("c", '{"stages": {"inspect": {}}}'), ("d", '{"accuracy": 0.5}')):
        Path(folder).mkdir()
        Path(folder, "summary.json").write_text(text)
    write_ablation(Path(".hidden"), MIXUP)
    write_ablation(Path("1/2/3/4/5"), MIXUP)
    write_ablation(Path("good"), MIXUP)
    told = assay("tricks", "show", "mixup")
    assert told.out.count("(95 %") == 1
    assert told.err == ""


def test_a_closed_folder_is_named(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    write_ablation(Path("closed"), MIXUP)
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    told = assay("tricks", "show", "mixup")
    assert "(95 %" not in told.out
    assert told.lines == ["assay: skipped closed: Permission denied"]


def test_another_folder_can_be_named(assay: Assay) -> None:
    write_ablation(Path("here"), MIXUP)
    write_ablation(Path("there/far"), UNCLEAR)
    told = assay("tricks", "show", "mixup", "--runs", "there")
    assert "digits (there/far)" in told.out
    assert "(here)" not in told.out
    told = assay("tricks", "show", "mixup", "--runs", "nowhere")
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("assay: --runs nowhere: there is no such folder; ")


def test_a_disk_is_not_read_for_a_card(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.run_comparison.folders.MOST_FOLDERS", 3)
    for number in range(5):
        Path(f"photos/{number}").mkdir(parents=True)
    told = assay("tricks", "show", "mixup")
    assert told.code == 0
    assert "first 3 folders below" in told.err
    assert "--runs" in told.err
