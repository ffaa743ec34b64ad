"""`--track` on the command line: what is measured reaches the tool, and a wrong tool is refused before any work."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import Assay

from assay.cli.tracked import choose_tracking, place_of
from assay.tracking.event_files import TensorBoard

RECIPE = """batch_size = 8
epochs = 2
[model]
kind = "MLP"
hidden = [8]
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_training_tells_its_curves_recipe_and_scores(assay: Assay, animals: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    Path("recipe.toml").write_text(RECIPE)
    told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out", "--track", "tensorboard")
    assert (told.code, told.err) == (0, "")
    curves = accumulator.EventAccumulator("out/tensorboard/train/seed 0")
    curves.Reload()
    assert {"loss", "learning_rate", "accuracy"} <= set(curves.Tags()["scalars"])
    whole = accumulator.EventAccumulator("out/tensorboard")
    whole.Reload()
    assert "score/validation/accuracy" in whole.Tags()["scalars"]
    recipe = whole.Tensors("recipe/text_summary")[0].tensor_proto.string_val[0].decode()
    assert "| model.kind | MLP |" in recipe


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.usefixtures("animals")
def test_a_study_tells_its_baseline_its_question_and_effects_also_where_all_is_found_again(
    assay: Assay, tmp_path: Path
) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    words = ("ablate", "animals", "--tricks", "EMA", "--epochs", "1", "--seeds", "2", "--budget", "60s", "--track",
             "tensorboard", "--database", f"sqlite:///{tmp_path}/trials.db", "--out")  # fmt: skip
    for out in ("first", "again"):
        assert assay(*words, out).code == 0
        whole = accumulator.EventAccumulator(f"{out}/tensorboard")
        whole.Reload()
        told = whole.Tensors("recipe/text_summary")[0].tensor_proto.string_val[0].decode()
        assert all(
            row in told for row in ("| optimizer.kind | AdamW |", "| study.seeds | 2 |", "| study.tricks | EMA |")
        )
        assert {f"score/tricks/EMA()/{name}" for name in ("effect", "effect_low", "effect_high", "n")} <= set(
            whole.Tags()["scalars"]
        )
    assert Path("first/tensorboard/ablate").is_dir()
    assert not Path("again/tensorboard/ablate").exists(), "what is found again was not trained, and has no curve"


@pytest.mark.parametrize("command", ["run", "train", "ablate", "tune"])
def test_a_wrong_tool_is_refused_before_anything_is_read(assay: Assay, command: str) -> None:
    told = assay(command, "no such source", "--track", "tensorbord", "--out", "out")
    assert (told.code, told.lines) == (
        2, ["assay: --track 'tensorbord': there is no such tool; did you mean tensorboard?"],
    )  # fmt: skip
    assert not Path("out").exists()


def test_a_stage_without_a_folder_gets_one_where_its_curves_are_followed() -> None:
    assert choose_tracking(None) == choose_tracking([]) == ()
    assert place_of((), "ablate", "digits", None) is None
    assert place_of((TensorBoard(),), "ablate", "data/photos", None) == Path("assay-runs/ablate-photos")
    assert place_of((TensorBoard(),), "ablate", "digits", Path("here")) == Path("here")
