"""A made-up run on the digits, as rich as a real one: every stage, level and figure kind."""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Iterator

import pytest
import torch
from sklearn.datasets import load_digits

from assay.figure import Bars, Figure, Forest, Images, Interval, Lines, Matrix, Series, Table, encode_png
from assay.finding import Finding, Report, Skipped
from assay.report.story import Baseline, DataSummary, RunStory, Score, StageStory, TrickRow

DIGITS = tuple(str(digit) for digit in range(10))
DATA = DataSummary(
    task="classification",
    input_shape=(1, 8, 8),
    classes=DIGITS,
    split_sizes=(("training", 1149), ("validation", 288), ("test", 360)),
    noun="digits",
)


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A real one, without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, CHROMIUMS)))
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def story() -> RunStory:
    return make_story()


@pytest.fixture(scope="session")
def unfinished() -> RunStory:
    return RunStory(
        source="photos/", name="photos", seed=3, seconds=9.5, budget_seconds=600.0, hardware="2 CPU cores",
        data=DataSummary(task="classification", input_shape=(3, 32, 32), classes=("cat", "dog")),
        stages=(make_inspect(),),
    )  # fmt: skip


def make_story() -> RunStory:
    return RunStory(
        source="digits", name="digits", seed=0, seconds=117.6, budget_seconds=120.0,
        hardware="2 CPU cores (x86_64)", data=DATA,
        stages=(
            make_inspect(), make_verify(), make_baselines(), make_overfit(), make_ablate(), make_tune(),
            make_squeeze(), make_test(),
        ),
        baselines=(
            Baseline("majority_class", 0.101, 0.072, 0.139, 288), Baseline("zero_input", 0.101, 0.072, 0.139, 288),
            Baseline("logistic_regression", 0.965, 0.937, 0.981, 288),
            Baseline("nearest_neighbours", 0.986, 0.965, 0.995, 288),
        ),
        validation=Score("accuracy", 0.9965, 0.981, 0.9994, 288),
        test=Score("accuracy", 0.9917, 0.976, 0.9972, 360, reads=1),
        tricks=make_tricks(),
        recipe="convnet(width=32, depth=3) | AdamW(lr=0.0034) | OneCycle() | Crop(padding=1) | EMA(0.998)",
        recipe_toml=(
            'batch_size = 64\nepochs = 48.0\n\n[model]\nkind = "convnet"\nwidth = 32\ndepth = 3\n\n[optimizer]\n'
            'kind = "adamw"\nlearning_rate = 0.0034\nweight_decay = 0.02\n\n[[tricks]]\nname = "one-cycle"\n\n'
            '[[tricks]]\nname = "crop"\npadding = 1\n\n[[tricks]]\nname = "ema"\ndecay = 0.998\n'
        ),
        model="assay-runs/digits/model.safetensors", report="assay-runs/digits/report.html",
    )  # fmt: skip


def make_tricks() -> tuple[TrickRow, ...]:
    unclear = "no measurable effect"
    return (
        TrickRow("one_cycle", 0.0087, 0.0047, 0.0127, 5, "helps", True, 1.0),
        TrickRow("crop", 0.0064, 0.0021, 0.0107, 5, "helps", True, 1.06),
        TrickRow("ema", 0.0039, 0.0009, 0.0069, 5, "helps", True, 1.03),
        TrickRow("label_smoothing", 0.0012, -0.0033, 0.0057, 5, unclear, False, 1.01, 0.0062),
        TrickRow("mixup", -0.0006, -0.0049, 0.0037, 5, unclear, False, 1.09, 0.0059),
        TrickRow("gradient_clip", 0.0, -0.0031, 0.0031, 5, unclear, False, 1.04, 0.0043),
        TrickRow("cutout", -0.0041, -0.0085, 0.0003, 5, unclear, False, 1.05, 0.0061),
        TrickRow("random_flip", -0.0132, -0.0188, -0.0076, 5, "hurts", False, 1.02),
    )


def pictures(title: str, indices: list[int], captions: tuple[str, ...]) -> Images:
    images = torch.from_numpy(load_digits().images)
    return Images(title, tuple(encode_png(images[index][None].float()) for index in indices), captions)


def make_inspect() -> StageStory:
    overlap = Finding(
        id="duplicates_across_splits", level="proved", summary="3 training examples stand again in the test split",
        evidence={
            "pairs": [
                {"training": "row 412", "test": "row 1093", "label": "5"},
                {"training": "row 77", "test": "row 1500", "label": "1"},
                {"training": "row 960", "test": "row 1666", "label": "1"},
            ],
            "share_of_test": 0.00833,
        },
        cause="The same drawing was collected twice before the data was split.",
        fix="Remove the three rows from training, or split by writer with --group.",
        source="Barz and Denzler 2020 (arXiv:1902.00423), section 3",
        figures=(pictures("Each pair once", [412, 77, 960], ("row 412 = 1093", "row 77 = 1500", "row 960 = 1666")),),
    )  # fmt: skip
    labels = Finding(
        id="conflicting_labels", level="suspect", summary="7 examples are nearer to another class than to their own",
        evidence={"examples": [5, 37, 130, 877, 905, 1553, 1722], "classes": {"8": 4, "1": 2, "9": 1}},
        cause="Labels typed by hand; 8 and 1 look alike at 8 \N{MULTIPLICATION SIGN} 8 pixels.",
        fix="Look at them with `assay inspect digits --review` and decide one by one.",
        source="Northcutt et al. 2021 (arXiv:1911.00068)",
        figures=(pictures("What they look like", [5, 37, 130, 877, 905, 1553, 1722], tuple("8981881")),),
    )  # fmt: skip
    notes = tuple(
        Finding(id=name, level="note", summary=summary, evidence=evidence)
        for name, summary, evidence in (
            ("class_balance", "Classes are balanced within 6 %", {"smallest": 174, "largest": 183}),
            ("value_range", "Values run from 0 to 16, not to 255", {"minimum": 0, "maximum": 16, "mean": 4.884}),
            ("constant_pixels", "3 of 64 pixels never change", {"pixels": [0, 32, 39]}),
        )
    )
    counts = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
    means = Series("mean", tuple(map(float, range(8))), (2.1, 5.2, 5.4, 5.6, 5.3, 5.1, 5.7, 2.4))
    figures: tuple[Figure, ...] = (
        Bars("Examples per class", DIGITS, tuple(float(n) for n in counts), "examples"),
        Lines("Mean of each row of pixels", "row", "mean", (means,)),
        pictures("One of each class", list(range(10)), DIGITS),
    )  # fmt: skip
    skipped = (Skipped("unreadable_items", "the source is in memory: nothing to read"),)
    report = Report("inspect", (labels, *notes, overlap), skipped, 3.1)
    return StageStory(
        "inspect", "Become one with the data", "What is in the data, and what is wrong with it?", "done", 3.1, report,
        figures,
    )  # fmt: skip


def make_verify() -> StageStory:
    loss = Finding(
        id="initial_loss", level="note", summary="The first loss is 2.31, as ten guesses should give",
        evidence={"measured": 2.3094, "expected": 2.3026}, source="Karpathy 2019",
    )  # fmt: skip
    skipped = (Skipped("scheduler_order", "no scheduler was given"),)
    steps = tuple(float(step) for step in range(0, 200))
    falling = Series("one batch of 64", steps, tuple(2.3 * math.exp(-step / 28) + 2e-4 for step in steps))
    figures = (
        Lines("Overfitting one batch", "step", "loss", (falling,), log_y=True),
        pictures("The tensors that enter the network", list(range(40, 50)), tuple(f"label {n}" for n in DIGITS)),
    )
    report = Report("verify", (loss,), skipped, 4.0)
    return StageStory(
        "verify", "End-to-end skeleton", "Is the pipeline correct, from loader to optimiser step?", "done", 4.0,
        report, figures,
    )  # fmt: skip


def make_baselines() -> StageStory:
    figure = Table(
        "Baselines", ("baseline", "accuracy", "95 % interval", "n"),
        (
            ("majority class", "10.1 %", "[7.2, 13.9]", "288"), ("zero input", "10.1 %", "[7.2, 13.9]", "288"),
            ("logistic regression", "96.5 %", "[93.7, 98.1]", "288"),
            ("nearest neighbours", "98.6 %", "[96.5, 99.5]", "288"),
        ),
    )  # fmt: skip
    report = Report("baselines", (), (), 2.2)
    return StageStory(
        "baselines", "Dumb baselines", "What does one get for nothing?", "done", 2.2, report, (figure,)
    )  # fmt: skip


def make_overfit() -> StageStory:
    dice = random.Random(4)
    steps = tuple(float(step) for step in range(0, 2400, 2))

    def curve(halving: float) -> tuple[float, ...]:
        return tuple((2.3 * math.exp(-step / halving) + 0.004) * math.exp(dice.gauss(0, 0.12)) for step in steps)

    series = tuple(Series(f"width {8 * 2**i}", steps, curve(900 - 220 * i)) for i in range(4))
    figures = (Lines("Training loss as capacity grows", "step", "training loss", series, log_y=True),)
    note = Finding("capacity", "note", "Width 32 fits the training split to 99.9 %", {"parameters": 19_850})
    report = Report("overfit", (note,), (), 11.8)
    return StageStory(
        "overfit", "Overfit", "Can a model big enough fit it at all?", "done", 11.8, report, figures
    )  # fmt: skip


def make_ablate() -> StageStory:
    rows = tuple(Interval(row.trick, row.effect, row.low, row.high, row.verdict) for row in make_tricks())
    stacked = tuple(
        Interval(name, value, value - 0.31, value + 0.31, "helps")
        for name, value in (("one_cycle", 0.87), ("+ crop", 1.32), ("+ ema", 1.49))
    )
    figures = (
        Forest("Added one at a time", "change of accuracy", rows),
        Forest("Stacked, best first", "points of validation accuracy over the baseline", stacked),
    )
    report = Report("ablate", (), (Skipped("resnet_d", "the model is not a ResNet"),), 46.0)
    return StageStory(
        "ablate", "Regularise", "Which tricks pay here, by how much, and how sure are we?", "done", 46.0, report,
        figures,
    )  # fmt: skip


def make_tune() -> StageStory:
    rates = tuple(10 ** (-5 + 5 * i / 80) for i in range(81))
    losses = tuple(min(4.0, 2.3 - 1.9 / (1 + (3e-3 / r) ** 2) + (r / 0.18) ** 3) for r in rates)
    figures = (
        Lines("Learning-rate range test", "learning rate", "loss", (Series("loss", rates, losses),), log_x=True),
        Table("Best of 14 trials", ("learning rate", "weight decay", "accuracy", "steps"), (
            ("0.0034", "0.020", "99.3 %", "900"), ("0.0021", "0.052", "99.3 %", "900"),
            ("0.0060", "0.004", "99.0 %", "900"),
        )),
    )  # fmt: skip
    report = Report("tune", (), (), 25.0)
    return StageStory("tune", "Tune", "Which hyperparameters, learning rate first?", "partial", 25.0, report, figures)


def make_squeeze() -> StageStory:
    coverage = tuple(1 - i / 60 for i in range(50))
    refusal = Series("ensemble", coverage, tuple(min(1.0, 0.9965 + 0.02 * (1 - c)) for c in coverage))
    single = Series("single network", coverage, tuple(min(1.0, 0.9896 + 0.03 * (1 - c)) for c in coverage))
    figures = (Lines("Accuracy when the model may refuse", "coverage", "accuracy", (single, refusal)),)
    report = Report("squeeze", (), (), 22.0)
    return StageStory(
        "squeeze", "Squeeze", "What do averaging, ensembles and distillation add?", "done", 22.0, report, figures
    )  # fmt: skip


def make_test() -> StageStory:
    counts = [[36.0 if i == j else 0.0 for j in range(10)] for i in range(10)]
    for row, column in ((8, 1), (3, 8), (9, 5)):
        counts[row][row] -= 1
        counts[row][column] += 1
    dice = random.Random(8)
    epochs = tuple(float(epoch) for epoch in range(30))

    def learned(late: int) -> tuple[float, ...]:
        return tuple(1 / (1 + math.exp(-(epoch - 4 - late / 2 + dice.gauss(0, 1.3)) / 2)) for epoch in epochs)

    dynamics = tuple(Series(f"example {n}", epochs, learned(n)) for n in range(16))
    filters = torch.randn(16, 1, 3, 3, generator=torch.Generator().manual_seed(1))
    figures = (
        Matrix("Confusion matrix", tuple(map(tuple, counts)), DIGITS, DIGITS, "true class", "predicted class"),
        Lines("Prediction dynamics on a fixed batch", "epoch", "probability of the true class", dynamics),
        pictures("Worst errors", [1553, 905, 37], ("8, said 1 (0.97)", "3, said 8 (0.81)", "9, said 5 (0.66)")),
        Images("First-layer filters", tuple(encode_png(f) for f in filters), ()),
    )  # fmt: skip
    return StageStory(
        "test", "The test split", "How good is it on data that decided nothing?", "done", 0.4,
        Report("test", (), (), 0.4), figures,
    )  # fmt: skip
