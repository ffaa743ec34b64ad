"""Each tool's own client, read back where it is installed; else a stand-in with the same surface."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from assay.errors import InputError
from assay.tracking.choose import choose_sinks
from assay.tracking.event_files import TensorBoard
from assay.tracking.kept_id import keep_id, kept_id
from assay.tracking.mlflow_runs import MLflow, allowed
from assay.tracking.sink import Outcome, Sink, Tracked
from assay.tracking.weights_and_biases import WeightsAndBiases

CURVE = "ablate/Mixup(alpha=0.2), seed 1"


def record(sink: Sink, folder: Path, *, finished: bool = True) -> None:
    """A training of three steps, with everything a command leaves."""
    report = folder / "report.html"
    report.write_text("<title>the report</title>")
    recorder = sink.begin(Tracked("study", folder, {"source": "digits", "seed": 3, "target": None}))
    for step in range(3):
        recorder.point(CURVE, step, {"loss": 2.0 - step, "learning_rate": 0.1})
    recorder.point(CURVE, 3, {"accuracy": 0.75})
    recorder.end(Outcome(finished, {"optimizer.learning_rate": 0.1}, {"test/accuracy": 0.9}, (report,)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_back_what_it_was_told(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    record(TensorBoard(), tmp_path)
    curves = accumulator.EventAccumulator(str(tmp_path / "tensorboard" / CURVE))
    curves.Reload()
    assert [(event.step, event.value) for event in curves.Scalars("loss")] == [(0, 2.0), (1, 1.0), (2, 0.0)]
    assert [event.value for event in curves.Scalars("learning_rate")] == [pytest.approx(0.1)] * 3
    assert [(event.step, event.value) for event in curves.Scalars("accuracy")] == [(3, 0.75)]
    whole = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    whole.Reload()
    assert whole.Scalars("score/test/accuracy")[0].value == pytest.approx(0.9)
    told = {tag: whole.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in whole.Tags()["tensors"]}
    assert "| source | digits |" in told["asked/text_summary"]
    assert "target" not in told["asked/text_summary"]
    assert "| optimizer.learning_rate | 0.1 |" in told["recipe/text_summary"]
    assert str(tmp_path / "report.html") in told["files/text_summary"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_in_a_folder_of_several_commands(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    record(TensorBoard(tmp_path / "all"), tmp_path)
    assert list((tmp_path / "all" / "study" / CURVE).glob("events.out.tfevents.*"))


@pytest.mark.filterwarnings("ignore")
def test_mlflow_reads_back_what_it_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking = pytest.importorskip("mlflow.tracking")
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    record(MLflow(uri), tmp_path, finished=False)
    client = tracking.MlflowClient(uri)
    run = client.get_run(kept_id(tmp_path, "mlflow"))
    assert (run.info.run_name, run.info.status) == ("study", "KILLED")
    losses = client.get_metric_history(run.info.run_id, "ablate/Mixup alpha 0.2 seed 1/loss")
    assert [(metric.step, metric.value) for metric in losses] == [(0, 2.0), (1, 1.0), (2, 0.0)]
    assert run.data.metrics["test/accuracy"] == 0.9
    assert run.data.params == {"source": "digits", "seed": "3", "optimizer.learning_rate": "0.1"}
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["report.html"]
    record(MLflow(uri), tmp_path)
    assert client.get_run(run.info.run_id).info.status == "FINISHED", "a command that goes on is the same run"


class PretendedRun:
    """What of wandb's run is used."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.id, self.given = given["id"] or "made", given
        self.logged, self.axes, self.saved = list[Any](), dict[str, Any](), list[Any]()
        self.config, self.summary, self.ended = self, {}, list[int]()

    def define_metric(self, name: str, step_metric: str | None = None) -> None:
        self.axes[name] = step_metric

    def log(self, values: dict[str, float]) -> None:
        self.logged.append(values)

    def update(self, values: dict[str, Any], allow_val_change: bool = False) -> None:
        self.given["config"] |= values

    def save(self, path: str, base_path: str, policy: str) -> None:
        self.saved.append((path, base_path, policy))

    def finish(self, exit_code: int) -> None:
        self.ended.append(exit_code)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> list[PretendedRun]:
    """wandb's module, as far as it is used: its service process is too slow for a quick test."""
    runs = list[PretendedRun]()
    module = types.ModuleType("wandb")
    module.init = lambda **given: runs.append(PretendedRun(given)) or runs[-1]  # pyright: ignore
    module.Settings = dict  # pyright: ignore
    module.setup = lambda settings: hushed.append(settings["silent"])  # pyright: ignore
    hushed = list[bool]()
    module.hushed = hushed  # pyright: ignore
    monkeypatch.setitem(sys.modules, "wandb", module)
    return runs


def test_wandb_is_told_each_curve_on_its_own_axis(tmp_path: Path, pretended: list[PretendedRun]) -> None:
    record(WeightsAndBiases("project"), tmp_path)
    record(WeightsAndBiases("project"), tmp_path, finished=False)
    first, second = pretended
    assert (first.given["project"], first.given["name"], first.given["resume"]) == ("project", "study", "allow")
    assert (first.given["id"], second.given["id"]) == (None, "made"), "a command that goes on is the same run"
    assert first.axes == {f"{CURVE}/step": None, f"{CURVE}/*": f"{CURVE}/step"}
    assert first.logged[0] == {f"{CURVE}/step": 0, f"{CURVE}/loss": 2.0, f"{CURVE}/learning_rate": 0.1}
    assert first.logged[-1] == {f"{CURVE}/step": 3, f"{CURVE}/accuracy": 0.75}
    assert first.given["config"]["optimizer.learning_rate"] == 0.1
    assert first.summary == {"test/accuracy": 0.9}
    assert sys.modules["wandb"].hushed == [True, True], "it told of each file that it links"
    assert first.saved == [(str(tmp_path / "report.html"), str(tmp_path), "now")]
    assert (first.ended, second.ended) == ([0], [1])


def test_the_tools_keep_their_ids_beside_each_other(tmp_path: Path) -> None:
    assert kept_id(tmp_path, "mlflow") is None
    keep_id(tmp_path, "mlflow", "a")
    keep_id(tmp_path, "wandb", "b")
    assert json.loads((tmp_path / "tracking.json").read_text()) == {"mlflow": "a", "wandb": "b"}
    (tmp_path / "tracking.json").write_text("[")
    assert kept_id(tmp_path, "wandb") is None


def test_names_have_only_letters_that_mlflow_takes() -> None:
    assert allowed("tune/Resize([8, 9]) | x=1e-3: 50 %/loss") == "tune/Resize 8 9 x 1e-3 50/loss"
    assert allowed("tricks/EMA()/effect") == "tricks/EMA/effect", "it was `tricks/EMA /effect`"
    assert len(allowed("x" * 1000)) == 250


def test_a_place_follows_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.tracking.choose.find_spec", lambda name: name)
    assert choose_sinks(["tensorboard", "mlflow:http://host:5000", "wandb:mine"]) == (
        TensorBoard(), MLflow("http://host:5000"), WeightsAndBiases("mine"),
    )  # fmt: skip
    assert choose_sinks(["tensorboard:logs/all"]) == (TensorBoard(Path("logs/all")),)


@pytest.mark.parametrize(("texts", "message"), [
    (["tensorbord"], "--track 'tensorbord': there is no such tool; did you mean tensorboard?"),
    (["x"], "--track 'x': there is no such tool; known are tensorboard, mlflow, wandb"),
    (["mlflow", "mlflow:a"], "--track mlflow is given twice; give it once"),
])  # fmt: skip
def test_wrong_tools_are_refused(texts: list[str], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        choose_sinks(texts)
    assert str(refusal.value) == message


def test_a_tool_that_is_not_installed_is_refused_before_anything_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.tracking.choose.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"--track needs the package wandb, which is not installed; pip install "
                                         r"\"assay-train\[track\]\", or wandb alone"):  # fmt: skip
        choose_sinks(["wandb"])
