"""Whether the measured error at 2 and 4 times the data lies in the band drawn from less of it, on Fashion-MNIST.

Each learner is trained on 8 log-spaced subsets of up to 15,000 of the 60,000 training images and on 30,000 and
60,000; judged on the 10,000 test images. Every group of three seeds draws its own band from the sizes up to 15,000;
the truth is the mean error over all seeds at the larger size. Beside it what each law says alone, and whether the
class that is named to gain most is the one that did.

Asked: the truth in the band (.95 where a law is true; no law is true of real learners, so misses are counted).
Known from others' trials on this data: power-2 said 9.2 %, power-4 11.3 %, exp-3 15.0 % where the truth was 11.6 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

sys.path.insert(0, str(Path(__file__).parents[1]))
from machine import RESULTS, Record

from assay.audit.learning_curve import Curve, class_gains, log_spaced_sizes, measure_curve, predict_error
from assay.data.examples import Options
from assay.data.sources.fashion_mnist import read_fashion_mnist

LARGEST, TIMES, GROUP, CLASSES = 15_000, (2, 4), 3, 10
LEARNERS: dict[str, Callable[[int], Any]] = {
    "logistic regression": lambda seed: LogisticRegression(max_iter=50),
    "extra trees": lambda seed: ExtraTreesClassifier(40, random_state=seed),
    "mlp": lambda seed: MLPClassifier((64,), max_iter=15, random_state=seed),
}


class Task:
    """Fashion-MNIST as vectors; trains one learner on chosen examples and judges it on the test part."""

    def __init__(self) -> None:
        examples = read_fashion_mnist(Options())
        assert isinstance(examples.inputs, torch.Tensor)
        assert examples.parts is not None
        vectors = examples.inputs.flatten(1).numpy().astype(np.float32) / 255.0
        labels, test = examples.targets.numpy(), np.array([part == "test" for part in examples.parts])
        self.train, self.test = (vectors[~test], labels[~test]), (vectors[test], labels[test])
        self.classes = examples.classes

    def trainer(self, name: str) -> Callable[[np.ndarray, int], tuple[float, np.ndarray]]:
        def train(indices: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
            started = time.perf_counter()
            learner = LEARNERS[name](seed).fit(self.train[0][indices], self.train[1][indices])
            wrong = learner.predict(self.test[0]) != self.test[1]
            by_class = np.array([wrong[self.test[1] == label].mean() for label in range(CLASSES)])
            print(f"  {name}, seed {seed}, {len(indices):,} examples: error {wrong.mean():.4f}, "
                  f"{time.perf_counter() - started:.0f} s", flush=True)  # fmt: skip
            return float(wrong.mean()), by_class

        return train


def recall(name: str, sizes: Sequence[int]) -> Curve:
    """The curve that an earlier run measured."""
    stored = json.loads((RESULTS / "learning-curve.json").read_text())["figures"][name]
    return Curve(tuple(sizes), np.array(json.loads(stored["errors"])), np.array(json.loads(stored["class_errors"])))


def judge(curve: Curve, classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """The band of every group of seeds and of all together at each larger size, and the truth over all seeds."""
    rows = list[dict[str, Any]]()
    assert curve.class_errors is not None
    count = curve.errors.shape[1]
    groups = {f"{start // GROUP}": slice(start, start + GROUP) for start in range(0, count - GROUP + 1, GROUP)}
    for group, seeds in {**groups, f"all {count}": slice(None)}.items():
        part = Curve(curve.sizes, curve.errors[:, seeds], curve.class_errors[:, seeds]).up_to(LARGEST)
        for times in TIMES:
            size = times * LARGEST
            at, now = curve.sizes.index(size), curve.sizes.index(LARGEST)
            band, truth = predict_error(part, size), float(curve.errors[at].mean())
            falls = (curve.class_errors[now] - curve.class_errors[at]).mean(0)
            gains = class_gains(part, size, classes=classes)
            rows.append({
                "group": group, "size": size, "low": band.low, "high": band.high, "middle": band.middle,
                "truth": truth, "in_band": band.low <= truth <= band.high, "laws": band.by_law, "kept": band.kept,
                "gains_most": gains[0].name, "sure": gains[0].sure, "gained_most": classes[int(falls.argmax())],
                "classes_in_band": sum(g.low <= falls[classes.index(g.name)] <= g.high for g in gains),
                "classes": len(gains),
            })  # fmt: skip
    return rows


def count_held(rows: Sequence[dict[str, Any]]) -> str:
    """How often the truth lay in the band, and how wide the bands were."""
    width = float(np.median([(row["high"] - row["low"]) / row["truth"] for row in rows]))
    named = sum(row["gains_most"] == row["gained_most"] for row in rows)
    classes = f"gains in band {sum(row['classes_in_band'] for row in rows)} of {sum(row['classes'] for row in rows)}"
    return (f"{sum(row['in_band'] for row in rows)} of {len(rows)}, median width {width:.0%} of the truth; "
            f"{classes}, class that gains most named {named} times")  # fmt: skip


def show(name: str, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        laws = ", ".join(f"{law} {100 * value:.1f}" for law, value in row["laws"].items())
        band = f"{100 * row['low']:.1f}–{100 * row['high']:.1f} %"
        print(f"  {name}, group {row['group']}, {row['size']:,}: band {band}, "
              f"truth {100 * row['truth']:.2f} %, in band: {row['in_band']} ({laws}; kept {', '.join(row['kept'])}); "
              f"class: said {row['gains_most']} (sure {row['sure']:.2f}), was {row['gained_most']}, gains in band "
              f"{row['classes_in_band']} of {row['classes']}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=9)
    parser.add_argument("--judge-only", action="store_true", help="draw the bands anew from the errors on file")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    seeds = range(400, 400 + options.seeds)
    sizes = (*log_spaced_sizes(LARGEST), *(times * LARGEST for times in TIMES))
    record = Record(
        "learning-curve", "the measured error at 2 and 4 times the data lies in the band",
        packages=("scikit-learn", "scipy"), seeds=list(seeds), sizes=sizes, seeds_a_band=GROUP,
    )  # fmt: skip
    task, figures = Task(), dict[str, Any]()
    for name in LEARNERS:
        curve = recall(name, sizes) if options.judge_only else measure_curve(
            task.trainer(name), examples=len(task.train[1]), sizes=sizes, seeds=seeds, labels=task.train[1].tolist()
        )  # fmt: skip
        rows = judge(curve, task.classes)
        show(name, rows)
        assert curve.class_errors is not None
        # Of 10,000 test images, 1,000 a class: these digits are exact.
        figures[name] = {"errors": json.dumps(curve.errors.round(4).tolist()), "bands": rows,
                         "class_errors": json.dumps(curve.class_errors.round(3).tolist())}  # fmt: skip
    told = [row for figure in figures.values() for row in figure["bands"]]
    figures["in_band"] = {
        f"{times} times, {kind}": count_held([row for row in told if row["size"] == times * LARGEST and wanted(row)])
        for times in TIMES
        for kind, wanted in {"three seeds": lambda row: "all" not in row["group"],
                             "all seeds": lambda row: "all" in row["group"]}.items()
    }  # fmt: skip
    print(f"  truth in the band: {figures['in_band']}")
    record.write(figures)


if __name__ == "__main__":
    main()
