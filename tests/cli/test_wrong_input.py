"""Every wrong input: one line that starts with `assay:`, exit code 2, and nothing written."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_support import Assay, write_classes, write_image

Make = Callable[[], object]


def no_such_path() -> None: ...


def empty_folder() -> None:
    Path("source").mkdir()


def one_class() -> None:
    write_classes(Path("source"), {"cat": 9})


def one_example() -> None:
    write_classes(Path("source"), {"cat": 9, "horse": 1})


def unreadable() -> None:
    write_classes(Path("source"), {"cat": 9, "horse": 9})
    Path("source/cat/3.png").write_text("this is no picture")


def truncated() -> None:
    write_classes(Path("source"), {"cat": 9, "horse": 9})
    whole = Path("source/horse/7.png").read_bytes()
    Path("source/horse/7.png").write_bytes(whole[: len(whole) // 2])


def mixed_sizes() -> None:
    write_classes(Path("source"), {"cat": 9, "horse": 9})
    write_image(Path("source/cat/99.png"), size=(20, 20))


def rows(last: str) -> Make:
    return lambda: Path("source.csv").write_text("a,y\n" + "".join(f"{i},{2 * i}.5\n" for i in range(30)) + last + "\n")


def arrays(**named: np.ndarray) -> Make:
    return lambda: np.savez("source.npz", **named)


def pickled() -> None:
    with Path("source.npz").open("wb") as file:
        pickle.dump({"x": [1, 2]}, file)


def outside() -> None:
    with zipfile.ZipFile("source.zip", "w") as archive:
        archive.writestr("../../cat/0.png", b"x")


BAD = [
    (no_such_path, ["source"], "source: no such file or folder"),
    (empty_folder, ["source"], "source: no class folders with images"),
    (one_class, ["source"], "source has one class only ('cat')"),
    (one_example, ["source"], "class 'horse' has a single example (horse/0.png)"),
    (rows("1,3.5"), ["source.csv"], "Give --target COLUMN; columns: a, y"),
    (rows("1,3.5"), ["source.csv", "--target", "z"], "--target 'z' is not a column; columns: a, y"),
    (rows("1,3.5"), ["source.csv", "--target", "y", "--group", "q"], "--group 'q' is not a column"),
    (arrays(x=np.array([{}] * 9, dtype=object), y=np.arange(9)), ["source.npz"], "holds pickled objects"),
    (pickled, ["source.npz"], "pickled objects, which could run code, are refused"),
    (arrays(x=np.zeros((9, 2))), ["source.npz"], "needs the arrays inputs (or x) and targets (or y)"),
    (arrays(x=np.zeros((9, 2)), y=np.arange(8)), ["source.npz"], "one target an example"),
    (outside, ["source.zip"], "'../../cat/0.png' points outside the archive"),
    (lambda: Path("source.zip").write_bytes(b"PK"), ["source.zip"], "not a readable zip file"),
    (lambda: Path("source.txt").write_text("x"), ["source.txt"], "cannot read .txt"),
    (lambda: Path("source.csv").write_text(""), ["source.csv", "--target", "y"], "not a readable table"),
    (lambda: Path("source.csv").write_text("a,y\n"), ["source.csv", "--target", "y"], "but no rows"),
    (lambda: Path("source.parquet").write_bytes(b"PAR1"), ["source.parquet", "--target", "y"], "not a readable table"),
    (no_such_path, [""], "the source is empty"),
]

TOLD = [
    (unreadable, ["source"], "source/cat/3.png: not an image that can be read", "unreadable_files"),
    (truncated, ["source"], "source/horse/7.png: ", "unreadable_files"),
    (mixed_sizes, ["source"], "choose one size for all with --size", "several_sizes"),
    (
        rows("x1,3.5"),
        ["source.csv", "--target", "y"],
        "source.csv: row 31, column 'a': 'x1' is not a number",
        "mixed_types",
    ),
    (
        rows(",3.5"),
        ["source.csv", "--target", "y"],
        "column 'a' has 1 missing or infinite cells, the first in row 31",
        "missing_cells",
    ),
    (rows("inf,3.5"), ["source.csv", "--target", "y"], "column 'a' has 1 missing or infinite cells", "missing_cells"),
    (rows("1,nan"), ["source.csv", "--target", "y"], "column 'y'", "rows_without_target"),
]
"""What a training refuses, and an inspection tells."""


@pytest.mark.parametrize("command", ["inspect", "run", "train"])
@pytest.mark.parametrize(("make", "arguments", "message"), BAD, ids=[f"{m.__name__} {t}" for m, _, t in BAD])
def test_wrong_data(assay: Assay, make: Make, arguments: list[str], message: str, command: str) -> None:
    make()
    refused(assay, [command, *arguments], message)
    refused(assay, [command, *arguments, "--out", "results"], message)


@pytest.mark.parametrize(("make", "arguments", "message", "name"), TOLD, ids=[text for _, _, text, _ in TOLD])
def test_what_training_refuses_is_found_by_an_inspection(
    assay: Assay, make: Make, arguments: list[str], message: str, name: str
) -> None:
    make()
    for command in ("run", "train"):
        refused(assay, [command, *arguments], message)
    told = assay("inspect", *arguments, "--json", "--strict")
    (finding,) = [finding for finding in json.loads(told.out)["findings"] if finding["id"] == name]
    proved = name != "several_sizes"
    assert (finding["level"], told.code) == (("proved", 1) if proved else ("note", 0)), told


def test_arrays_without_a_number_are_refused(assay: Assay) -> None:
    np.savez("source.npz", x=np.full((19, 2), np.nan), y=np.arange(19) % 2)
    refused(assay, ["train", "source.npz"], "38 missing or infinite cells")
    refused(assay, ["inspect", "source.npz"], "column '1' has no usable cell to learn a fill from")


def refused(assay: Assay, arguments: list[str], message: str) -> None:
    before = set(Path().rglob("*"))
    told = assay(*arguments)
    assert (told.code, told.out, len(told.lines)) == (2, "", 1), told
    assert told.err.startswith("assay: ")
    assert message in told.err
    assert set(Path().rglob("*")) == before


@pytest.mark.parametrize("text", ["abc", "5s", "-3m", "", "1h30", "nan", "1e3s", "3 m", "10m5"])
def test_budget(assay: Assay, animals: Path, text: str) -> None:
    refused(assay, ["run", "animals", "--budget", text], "--budget")


@pytest.mark.parametrize("text", ["abc", "0", "3x", "x3", "3x3x3", "-3", "1e3", "3.5", "²"])
def test_size(assay: Assay, animals: Path, text: str) -> None:
    refused(assay, ["inspect", "animals", "--size", text], "is not a size; write --size 32 or --size 48x64")


@pytest.mark.parametrize("command", ["run", "train", "inspect"])
def test_device(assay: Assay, animals: Path, command: str) -> None:
    refused(assay, [command, "animals", "--device", "tpu"], "device 'tpu' is not one of cpu, cuda")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf"])
def test_epochs(assay: Assay, animals: Path, text: str) -> None:
    refused(assay, ["train", "animals", "--epochs", text], "--epochs must be above 0 and finite")


def test_memory_limit(assay: Assay, animals: Path) -> None:
    refused(assay, ["train", "animals", "--memory-limit", "inf"], "--memory-limit inf GiB")


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////no/such/folder/x.db", "nosuchdatabase://a:secret@b/c"])
def test_database(assay: Assay, animals: Path, url: str) -> None:
    before = set(Path().rglob("*"))
    told = assay("run", "animals", "--database", url, "--out", "results")
    assert (told.code, len(told.lines)) == (2, 1), told
    assert "database cannot be opened" in told.err
    assert "secret" not in told.err
    assert set(Path().rglob("*")) == before


RECIPES = [
    ("[model\n", "recipe.toml: this is not TOML"),
    ('[model]\nkind = "Nope"', "there is no kind 'Nope'; known are MLP, ConvNet, ResNet"),
    ('[[tricks]]\nkind = "Mixup"\nalhpa = 1', "has no field 'alhpa'; did you mean alpha?"),
    ('[[tricks]]\nkind = "Mixupp"', "there is no kind 'Mixupp'"),
    ('[[tricks]]\nkind = "Cosine"\n[[tricks]]\nkind = "OneCycle"', "recipe.toml: OneCycle and Cosine both set"),
    ('epochs = "ten"', "epochs must be a number, got 'ten'"),
    ("epochs = inf", "epochs must be positive and finite"),
    ("batch_size = 0", "batch_size must be at least 1"),
    ("patience = 3", "there is no entry 'patience'"),
    ('[loss]\nkind = "MeanSquaredError"', "is for regression, the data is classification"),
    ('[[tricks]]\nkind = "LabelSmoothing"\nsmoothing = 3.0', "smoothing must be in [0, 1], got 3.0"),
    ('[model]\nkind = "Recurrent"\n[[tricks]]\nkind = "Mish"', "Mish needs a network whose activations are layers"),
    (
        '[model]\nkind = "Airbench"\n[[tricks]]\nkind = "OutputBiasInit"',
        "OutputBiasInit needs a network whose last layer",
    ),
    (
        '[model]\nkind = "ResNet"\n[[tricks]]\nkind = "FillerInit"\nof = "biases"\nfiller = "constant"',
        "FillerInit: model must have hidden layers with a bias",
    ),
]


@pytest.mark.parametrize(("text", "message"), RECIPES, ids=[message for _, message in RECIPES])
def test_recipe(assay: Assay, animals: Path, text: str, message: str) -> None:
    Path("recipe.toml").write_text(text)
    refused(assay, ["train", "animals", "--recipe", "recipe.toml"], message)
    refused(assay, ["verify", "animals", "--recipe", "recipe.toml"], message)


@pytest.mark.parametrize("command", ["train", "verify", "tune", "squeeze"])
def test_recipe_for_images_on_a_table(assay: Assay, table: Path, command: str) -> None:
    Path("recipe.toml").write_text('[loss]\nkind = "MeanSquaredError"\n[[tricks]]\nkind = "Crop"')
    arguments = [command, "table.csv", "--target", "price", "--recipe", "recipe.toml"]
    refused(assay, arguments, "Crop needs images, these inputs are 4 columns of a table; take it out of the recipe")


def test_missing_recipe(assay: Assay, animals: Path) -> None:
    refused(assay, ["train", "animals", "--recipe", "nowhere.toml"], "nowhere.toml: this recipe cannot be read")


def test_a_line_stays_one_line_whatever_the_file_is_called(assay: Assay) -> None:
    refused(assay, ["inspect", "no\nsuch\nfile"], "no such file")


USAGE = [
    (["inspect"], "missing argument 'SOURCE'; see `assay inspect --help`"),
    (["inspekt"], "no such command 'inspekt'. Did you mean 'inspect'?; see `assay --help`"),
    (["inspect", "digits", "--bogus"], "no such option: --bogus"),
    (["inspect", "digits", "--seed", "-1"], "invalid value for '--seed': "),
    (["inspect", "digits", "--seed", "x"], "invalid value for '--seed': "),
    (["inspect", "digits", "--seed"], "option '--seed' requires an argument"),
    (["inspect", "digits", "more"], "unexpected extra argument"),
    (["--bogus"], "no such option: --bogus"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[" ".join(arguments) for arguments, _ in USAGE])
def test_usage_errors_are_one_line(assay: Assay, arguments: list[str], message: str) -> None:
    refused(assay, arguments, message)
    assert "--help`" in assay(*arguments).err


@pytest.mark.parametrize("command", ["run", "train", "inspect", "squeeze"])
def test_a_place_that_cannot_be_written(assay: Assay, animals: Path, command: str) -> None:
    refused(assay, [command, "animals", "--out", "/proc/x"], "--out /proc/x: nothing can be written in /proc")


def test_an_error_of_the_system_is_told_in_words(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr("assay.stages.alone.run_stage", fail)
    refused(assay, ["inspect", "digits"], "assay: /somewhere: permission denied; check the path, its permissions")


def test_a_bug_keeps_its_traceback(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("assay.stages.alone.run_stage", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        assay("inspect", "digits")


def test_nothing_to_run(assay: Assay) -> None:
    refused(assay, ["run"], "SOURCE is missing")
    refused(assay, ["run", "--resume"], "there is nothing to go on with")


@pytest.mark.parametrize("option", [("--out", ""), ("--budget", ""), ("--database", ""), ("--out=",)])
def test_an_option_that_is_given_nothing(assay: Assay, option: tuple[str, ...]) -> None:
    """`--out "$FOLDER"` of a script in which FOLDER is not set trained, and left no report."""
    told = assay("ablate", "digits", *option)
    name = option[0].rstrip("=")
    assert (told.code, told.err) == (2, f"assay: {name} is given nothing; write its value, or leave it out\n")
