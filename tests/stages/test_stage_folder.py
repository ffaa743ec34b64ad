"""The folder of a stage alone: nothing finished is overwritten, and a refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.ablation.asked import Asked
from assay.data.open import open_data
from assay.errors import InputError
from assay.finding import Finding, Report
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.run_comparison.past_run import runs_of
from assay.stages import alone as stage_alone
from assay.stages.alone import run_stage
from assay.stages.folder import require_a_step
from assay.stages.request import Request


def write_vectors(path: Path, seed: int = 0) -> str:
    """80 examples of two classes."""
    labels = np.arange(80) % 2
    inputs = np.random.default_rng(seed).normal(size=(80, 3)).astype(np.float32)
    np.savez(path, x=inputs + labels[:, None], y=labels)
    return str(path)


@pytest.fixture
def source(tmp_path: Path) -> str:
    return write_vectors(tmp_path / "source.npz")


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stages that find a thing at once; the names of those that were carried out."""
    done = list[str]()

    def pretend(name: str) -> Any:
        def stage(*_: Any) -> dict[str, Any]:
            done.append(name)
            return {"report": Report(name, (Finding("seen", "note", "It was seen."),)).to_dict(), "recipe": "epochs=1"}

        return stage

    for attribute, name in (("study_stage", "ablate"), ("ablate_stage", "ablate"), ("tune_stage", "tune")):
        monkeypatch.setattr(stage_alone, attribute, pretend(name))
    monkeypatch.setenv("ASSAY_DATABASE", "none")
    return done


def test_the_same_question_is_found_again(tmp_path: Path, source: str, pretended: list[str]) -> None:
    for _ in range(2):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    assert pretended == ["ablate"]


def test_a_finished_study_is_not_overwritten_by_the_same_one_of_changed_data(
    tmp_path: Path, source: str, pretended: list[str]
) -> None:
    run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    write_vectors(Path(source), seed=1)
    refusal = r"out: the data was changed since the ablate there was finished \(fingerprint \w+, now \w+\); put it back"
    with pytest.raises(InputError, match=refusal):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    assert pretended == ["ablate"]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"study": Asked(("EMA",), seeds=3)}, "asked with seeds 12, not 3; ask the same, or use another --out"),
        ({"study": Asked(("Mixup",))}, r"asked with tricks \['EMA'\], not \['Mixup'\]; ask the same"),
        ({"study": Asked(("EMA",)), "recipe": Recipe(MLP((3,)))}, "asked with another recipe; ask the same"),
        ({"name": "tune"}, "holds the results of a finished ablate; use another --out"),
    ],
)
def test_another_question_needs_another_folder(
    tmp_path: Path, source: str, pretended: list[str], asked: dict[str, Any], refusal: str
) -> None:
    run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    with pytest.raises(InputError, match=refusal):
        run_stage(asked.pop("name", "ablate"), Request(source), tmp_path / "out", **asked)
    assert pretended == ["ablate"]


def test_the_summary_of_a_training_is_not_overwritten(tmp_path: Path, source: str, pretended: list[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summary.json").write_text("{}")
    with pytest.raises(InputError, match=r"holds finished results of something else \(summary.json\); use another"):
        run_stage("tune", Request(source), tmp_path / "out")


@pytest.mark.parametrize("harm", [lambda bytes: bytes[:5000], lambda bytes: b"nothing of a database" + bytes[21:]])
def test_a_damaged_database_beside_finished_results_is_named(
    tmp_path: Path, source: str, pretended: list[str], harm: Callable[[bytes], bytes]
) -> None:
    """It was told as results of something else."""
    run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    (tmp_path / "out" / "summary.json").write_text("{}")
    database = tmp_path / "out" / "assay.db"
    database.write_bytes(harm(database.read_bytes()))
    with pytest.raises(InputError, match=r"out: .* but assay\.db is damaged \(.*\), so that nobody .*; restore it, or"):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    (tmp_path / "out" / "summary.json").unlink()
    with pytest.raises(InputError, match=r"assay\.db: .* move it away"):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))


def refuse_in_stage(*_: Any) -> None:
    raise InputError("the budget is too small")


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        (
            {"database": "sqlite:////nowhere/at/all.db"},
            r"the database cannot be opened \(unable to open database file\)",
        ),
        ({"study": Asked(("EMA",))}, "the budget is too small"),
    ],
)
def test_a_refusal_leaves_no_folder(
    tmp_path: Path, source: str, pretended: list[str], monkeypatch: pytest.MonkeyPatch, options: dict[str, Any],
    refused: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(stage_alone, "study_stage", refuse_in_stage)
    (tmp_path / "empty").mkdir()
    for name in ("new/deep", "empty"):
        with pytest.raises(InputError, match=refused):
            run_stage("ablate", Request(source), tmp_path / name, **options)
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_refusal_after_a_training_keeps_it(
    tmp_path: Path, source: str, pretended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def train_then_refuse(session: Any, *_: Any) -> None:
        (session.work / "trial-1.checkpoint").touch()
        raise InputError("the database went away")

    monkeypatch.setattr(stage_alone, "study_stage", train_then_refuse)
    with pytest.raises(InputError, match="went away"):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    assert [run.state for run in runs_of(tmp_path / "out", "out")] == ["stopped"]


def test_a_full_disk_is_not_hidden_by_a_database_that_cannot_note_the_stop(
    tmp_path: Path, source: str, pretended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(session: Any, *_: Any) -> None:
        def refuse() -> None:
            raise InputError("a.db: the database's disk is full")

        monkeypatch.setattr(session.store.engine, "begin", refuse)
        raise OSError("no space left for a checkpoint")

    monkeypatch.setattr(stage_alone, "study_stage", fill)
    with pytest.raises(OSError, match="for a checkpoint"):
        run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))


def test_ctrl_c_stops_at_once_and_the_next_sitting_runs_again(
    tmp_path: Path, source: str, pretended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(stage_alone, "study_stage", stop)
        with pytest.raises(KeyboardInterrupt):
            run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    assert [run.state for run in runs_of(tmp_path / "out", "out")] == ["stopped"]
    run_stage("ablate", Request(source), tmp_path / "out", study=Asked(("EMA",)))
    assert [run.state for run in runs_of(tmp_path / "out", "out")] == ["done"]


def test_less_than_one_step_is_refused_with_what_one_is(source: str) -> None:
    data = open_data(source)
    recipe, steps = Recipe(batch_size=8), len(data.train) // 8
    require_a_step(None, recipe, data)
    require_a_step(1 / steps, recipe, data)
    with pytest.raises(InputError, match=rf"has {steps}, so that one is --epochs {1 / steps:.3g}; give several"):
        require_a_step(0.9 / steps, recipe, data)
