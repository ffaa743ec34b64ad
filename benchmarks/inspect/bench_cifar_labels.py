"""All 10,000 CIFAR-10 test labels ranked by models trained on the 50,000 training images, against people's votes.

Members: two networks of different kind (`cifar_networks`), nearest neighbours in the features of each, and logistic
regression on picture features. None saw a test image. cleanlab ranks and filters the same probabilities in the same
run. Truth: five people voted on 275 suspected labels; an error has fewer than 3 votes for the given label. The 275
were chosen by cleanlab's authors from the probabilities of a network of theirs: an error outside of them counts as
false here, for all rankings alike, and those that resemble theirs are favoured.

The votes go by the place in CIFAR-10's original order, the images at hand by their number within a class; the order
of classes is that of the labels in `--order`, a .npy file of the 10,000 (any copy of CIFAR-10 has them).

`--published` ranks the probabilities of cleanlab's authors in the same way, from which the 275 were chosen.

Figures: average precision of the 54 errors, with a 95 % bootstrap interval over examples; how many of them are among
the first 275; differences are paired over the same draws.

    ASSAY_DATA_DIR=FOLDER bench_cifar_labels.py --order labels.npy --keep FOLDER --cleanlab RIVALS_VENV/bin/python
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bench_fuse import ask_cleanlab  # noqa: E402
from cifar10 import joined  # noqa: E402
from cifar_networks import RECIPES, load, trained  # noqa: E402
from machine import Record  # noqa: E402

from assay.audit.cleaning.columns import columns_of  # noqa: E402
from assay.audit.labels.fuse import fuse  # noqa: E402
from assay.audit.labels.usual_members import NEIGHBOURS, STRENGTH  # noqa: E402
from assay.data.data import Data  # noqa: E402
from assay.data.split import Split  # noqa: E402

NEIGHBOURS_AMONG = 20_000
"""Training images, drawn at random, whose features neighbours are looked for in."""
SEED = 400
DRAWS = 500
FIRST = 275
Scores = dict[str, np.ndarray]


def asked(model: nn.Module, split: Split, data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, averaged over the views that the recipe asks for, and features of the image as it is."""
    seen, outputs, features = list[Tensor](), list[Tensor](), list[Tensor]()
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    hook = last.register_forward_hook(lambda module, inputs, outputs: seen.append(inputs[0].float()))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for rows in torch.arange(len(split)).split(500):
            seen.clear()
            outputs.append(model(data.specification.normalization(split.gather(rows))).float().softmax(1))
            # The first view is the image itself.
            features.append(nn.functional.normalize(seen[0], dim=1))
    hook.remove()
    return torch.cat(outputs).numpy(), torch.cat(features).numpy()


def members_of(keep: Path, data: Data) -> dict[str, np.ndarray]:
    """Each member's probabilities of the test images, made once."""
    found, labels = dict[str, np.ndarray](), data.train.targets.numpy()
    some = torch.from_numpy(np.sort(np.random.default_rng(SEED).permutation(len(labels))[:NEIGHBOURS_AMONG]))
    for name in RECIPES:
        path = keep / f"{name}-answers.npz"
        if not path.exists():
            model = trained(name, data, keep)
            # Probabilities of training images are not asked for: the inner network has one view.
            _, known = asked(getattr(model, "network", model), data.train.select(some), data)
            probabilities, features = asked(model, data.test, data)
            neighbours = KNeighborsClassifier(NEIGHBOURS).fit(known, labels[some]).predict_proba(features)
            np.savez(path, network=probabilities, neighbours=neighbours.astype(np.float32))
            print(f"  {name}: answers kept", flush=True)
        with np.load(path) as kept:
            found[name], found[f"neighbours in {name}"] = kept["network"], kept["neighbours"]
    path = keep / "line-answers.npz"
    if not path.exists():
        columns = columns_of(joined(data.train, data.test), data.specification, seed=SEED)
        line = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3))
        line.fit(columns[some.numpy()], labels[some])
        np.savez(path, line=line.predict_proba(columns[len(labels) :]).astype(np.float32))
    with np.load(path) as kept:
        found["logistic regression"] = kept["line"]
    return found


def errors_of(folder: Path, order: Path, test: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which test rows are errors by vote, which were voted on, and the original place of each row.

    Raises:
        SystemExit: the order is not that of these images and votes.
    """
    labels, targets = np.load(order).astype(np.int64), test.targets.numpy()
    place = np.empty(len(labels), dtype=np.int64)
    for label in range(10):
        rows, numbers = np.flatnonzero(targets == label), np.flatnonzero(labels == label)
        within = [int(Path(test.ids[row]).stem) for row in rows]
        if sorted(within) != list(range(len(numbers))):
            raise SystemExit(f"{order}: class {label} has {len(numbers)} labels, the folder {len(rows)} images")
        place[rows] = numbers[within]
    votes = json.loads((folder / "cifar10-test-label-votes.json").read_text())
    if any(labels[one["test_index"]] != one["given_label"] for one in votes):
        raise SystemExit(f"{order}: is not the order of the votes")
    wrong = {one["test_index"] for one in votes if one["votes"]["given"] < 3}
    return np.isin(place, list(wrong)), np.isin(place, [one["test_index"] for one in votes]), place


def judge(scores: Scores, wrong: np.ndarray) -> dict[str, Any]:
    """Average precision with its interval, errors among the first 275, and the paired difference to `fuse`."""
    draw, n = np.random.default_rng(SEED), len(wrong)
    draws = [draw.integers(0, n, n) for _ in range(DRAWS)]
    drawn = {name: np.array([average_precision_score(wrong[rows], score[rows]) for rows in draws])
             for name, score in scores.items()}  # fmt: skip
    found = {}
    for name, score in scores.items():
        found[name] = {
            "average_precision": float(average_precision_score(wrong, score)),
            "interval": np.quantile(drawn[name], [0.025, 0.975]).tolist(),
            "errors_in_first_275": int(wrong[np.argsort(-score, kind="stable")[:FIRST]].sum()),
            "fuse_minus": np.quantile(drawn["fuse"] - drawn[name], [0.025, 0.975]).tolist(),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--order", type=Path, required=True, help="the 10,000 test labels in CIFAR-10's own order")
    parser.add_argument("--keep", type=Path, default=Path("build/cifar-labels"), help="networks and their answers")
    parser.add_argument("--cleanlab", default="", help="a Python that has cleanlab (rivals.txt); without, left out")
    parser.add_argument("--published", type=Path, help="further probabilities (10,000, 10) in CIFAR-10's own order")
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = Record("cifar-labels", "average precision against the 54 voted errors, beside cleanlab on the same "
                    "probabilities", packages=("scikit-learn",), seed=SEED, neighbours_among=NEIGHBOURS_AMONG,
                    cleanlab="2.9.0" if options.cleanlab else "left out")  # fmt: skip
    started = time.perf_counter()
    data = load()
    wrong, voted, place = errors_of(Path(os.environ["ASSAY_DATA_DIR"]), options.order, data.test)
    members, given = members_of(options.keep, data), data.test.targets.numpy()
    figures = {
        "n": len(given), "errors": int(wrong.sum()), "voted_on": int(voted.sum()),
        "accuracy": {name: float((values.argmax(1) == given).mean()) for name, values in members.items()},
        "steps": {name: int(path.read_text()) for name in RECIPES if (path := options.keep / f"{name}.end").is_file()},
        "own": rank(members, given, wrong, options.cleanlab),
    }  # fmt: skip
    show("own", figures)
    if options.published is not None:
        values = np.load(options.published).astype(np.float32)[place]
        theirs = {"published": values / values.sum(1, keepdims=True)}
        figures["published"] = rank(theirs, given, wrong, options.cleanlab)
        show("published", figures)
    record.write({**figures, "seconds": round(time.perf_counter() - started)})


def rank(members: dict[str, np.ndarray], given: np.ndarray, wrong: np.ndarray, cleanlab: str) -> dict[str, Any]:
    """Every ranking of the same probabilities, held against the votes."""
    fusion = fuse(members, given)
    scores = {"fuse": fusion.score, "best by likelihood": fusion.best_member_score,
              **{f"member {name}": score for name, score in fusion.member_scores.items()}}  # fmt: skip
    rivals = ask_cleanlab(cleanlab, {"all": members}, given)["all"]
    scores |= {name: score for name, score in rivals.items() if not name.startswith("flags")}
    flags = {"fuse": fusion.flagged, **{name[9:]: flag for name, flag in rivals.items() if name.startswith("flags")}}
    return {
        "weights": dict(fusion.weights), "best_by_likelihood": fusion.best_member,
        "noise_estimate": fusion.noise_estimate.share, "noise_interval": list(fusion.noise_estimate.interval),
        "scores": judge(scores, wrong),
        "flags": {name: {"flagged": int(flag.sum()), "errors": int((flag & wrong).sum())}
                  for name, flag in flags.items()},
    }  # fmt: skip


def show(part: str, figures: dict[str, Any]) -> None:
    """One set of probabilities, best ranking first."""
    if part == "own":
        print(f"  accuracy { ({name: round(value, 4) for name, value in figures['accuracy'].items()}) }")
    for name, row in sorted(figures[part]["scores"].items(), key=lambda pair: -pair[1]["average_precision"]):
        low, high = row["interval"]
        print(f"  {part}, {name}: average precision {row['average_precision']:.3f} ({low:.3f} to {high:.3f}), "
              f"{row['errors_in_first_275']} of {figures['errors']} in the first {FIRST}; fuse minus it "
              f"{row['fuse_minus'][0]:+.3f} to {row['fuse_minus'][1]:+.3f}")  # fmt: skip
    for name, row in figures[part]["flags"].items():
        print(f"  {part}, {name} flags {row['flagged']}, {row['errors']} of them errors")


if __name__ == "__main__":
    main()
