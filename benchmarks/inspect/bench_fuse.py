"""Wrong labels found by `fuse`, by each member alone, by a plain mean and by cleanlab, from the same probabilities.

Real data (digits, Fashion-MNIST) with planted noise: by class, by instance, and where a model finds examples
ambiguous, at 10 % and 40 %. Three pools of members (`fuse_members`): mixed, alike by design, one far stronger. All
see the same out-of-fold probabilities of models trained on the noisy labels. The figure is precision at the number
of planted errors; differences are paired over seeds, with 95 % t intervals.

"best single" is the member with the highest mean over the seeds, chosen with the truth: no user can do that. So are
the best of cleanlab's two rankings, four ensembles and three filters; its defaults stand beside them.

Asked: above the best single where members are alike; within .01 of it where one is far stronger; above cleanlab's
filter and ranking on both kinds of noise.

    bench_fuse.py --cleanlab RIVALS_VENV/bin/python --keep FOLDER
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from fuse_members import POOLS, RATES, SETS, probabilities_of  # noqa: E402
from machine import Record  # noqa: E402
from planted_noise import NOISES  # noqa: E402

from assay.audit.labels.fuse import fuse  # noqa: E402
from assay.audit.labels.members import log_margin  # noqa: E402

Cell = tuple[str, str, str, float]
"""Pool, data set, noise, rate."""
Scores = dict[str, np.ndarray]


def precision_at_errors(score: np.ndarray, wrong: np.ndarray) -> float:
    """Share of wrong labels among as many of the highest scores."""
    chosen = np.argsort(-score, kind="stable")[: int(wrong.sum())]
    return float(wrong[chosen].mean())


def f1(flagged: np.ndarray, wrong: np.ndarray) -> float:
    return float(2 * (flagged & wrong).sum() / max(1, flagged.sum() + wrong.sum()))


def judge(pool: dict[str, np.ndarray], given: np.ndarray, labels: np.ndarray, cleanlab: Scores) -> dict[str, float]:
    """Every figure of one pool on one seed."""
    wrong, fusion = given != labels, fuse(pool, given)
    mean = np.mean(list(pool.values()), axis=0)
    scores = {
        "fuse": fusion.score,
        "best by likelihood": fusion.best_member_score,
        **{f"member {name}": score for name, score in fusion.member_scores.items()},
        "plain mean, margin": -log_margin(mean, given),
        "plain mean, self-confidence": -mean[np.arange(len(given)), given],
        **{name: score for name, score in cleanlab.items() if not name.startswith("flags")},
    }
    flags = {"fuse": fusion.flagged} | {name[9:]: flag for name, flag in cleanlab.items() if name.startswith("flags")}
    relabelled = fusion.action == "relabel"
    right = fusion.proposal[relabelled] == labels[relabelled]
    return {
        **{name: precision_at_errors(score, wrong) for name, score in scores.items()},
        **{f"F1 of flags, {name}": f1(flag, wrong) for name, flag in flags.items()},
        "noise planted": float(wrong.mean()),
        "noise estimated": fusion.noise_estimate.share,
        "noise among the clear": fusion.noise_estimate.clear_share,
        "relabelled, share of errors": float(relabelled.sum() / wrong.sum()),
        "relabelled right": float(right.mean()) if right.size else float("nan"),
    }


def ask_cleanlab(python: str, pools: dict[str, dict[str, np.ndarray]], given: np.ndarray) -> dict[str, Scores]:
    """cleanlab's scores by pool; empty without an interpreter that has it."""
    if not python:
        return {pool: {} for pool in pools}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.npz"
        arrays = {f"{pool}|{name}": values for pool, members in pools.items() for name, values in members.items()}
        np.savez(source, **arrays, **{f"{pool}|given": given for pool in pools})
        command = [python, str(HERE / "fuse_cleanlab.py"), str(source), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, Scores] = {pool: {} for pool in pools}
        for name, values in np.load(target).items():
            pool, method = name.split("|")
            found[pool][method] = values
    return found


def measure(options: argparse.Namespace) -> dict[Cell, list[dict[str, float]]]:
    """Figures of every cell, one entry a seed."""
    rows: dict[Cell, list[dict[str, float]]] = defaultdict(list)
    for seed, data_set, noise, rate in itertools.product(options.seeds, SETS, NOISES, RATES):
        found, given, labels = probabilities_of(
            data_set, noise, rate, seed, images=options.images, folder=Path(options.keep)
        )
        pools = {pool: {name: found[name] for name in names} for pool, names in POOLS.items()}
        rivals = ask_cleanlab(options.cleanlab, pools, given)
        for pool, members in pools.items():
            rows[pool, data_set, noise, rate].append(judge(members, given, labels, rivals[pool]))
        print(f"    {data_set}, {noise}, {rate:.0%}, seed {seed}", flush=True)
    return dict(rows)


def difference(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Paired mean difference with its 95 % interval."""
    paired = ours - theirs
    half = float(student.ppf(0.975, len(paired) - 1) * paired.std(ddof=1) / np.sqrt(len(paired)))
    mean = float(paired.mean())
    return {"mean": mean, "low": mean - half, "high": mean + half, "n": len(paired)}


def columns(rows: list[dict[str, float]]) -> dict[str, np.ndarray]:
    """Figures by name, one value a seed, with the best single member and cleanlab's best added."""
    by_name = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for added, start in (("best single", "member "), ("best cleanlab ranking", "cleanlab r"),
                         ("best cleanlab ensemble", "cleanlab e"), ("best cleanlab filter", "cleanlab f"),
                         ("best F1 of cleanlab's flags", "F1 of flags, cleanlab")):  # fmt: skip
        names = [name for name in by_name if name.startswith(start)]
        if names:
            by_name[added] = by_name[max(names, key=lambda name: by_name[name].mean())]
    return by_name


DEFAULTS = ("cleanlab ranking of the mean, self_confidence", "cleanlab ensemble by accuracy, self_confidence",
            "cleanlab filter prune_by_noise_rate")  # fmt: skip
"""What cleanlab does unless told otherwise; its best variant of each kind is chosen with the truth."""
AGAINST = ("best single", "best by likelihood", "plain mean, margin", *DEFAULTS, "best cleanlab ranking",
           "best cleanlab ensemble", "best cleanlab filter")  # fmt: skip
FLAGS = ("F1 of flags, fuse", "best F1 of cleanlab's flags")


def differences(by_name: dict[str, np.ndarray]) -> dict[str, Any]:
    """Fuse against everything else, and its flags against cleanlab's."""
    found = {"fuse minus": {name: difference(by_name["fuse"], by_name[name]) for name in AGAINST if name in by_name}}
    if FLAGS[1] in by_name:
        found["F1 of flags minus cleanlab's best"] = difference(by_name[FLAGS[0]], by_name[FLAGS[1]])
    return found


def sum_up(cells: dict[Cell, list[dict[str, float]]]) -> dict[str, Any]:
    """Means and differences of each cell, and of each pool and noise over data sets and rates."""
    found: dict[str, Any] = {"cells": {}, "pools": {}}
    together: dict[str, list[dict[str, np.ndarray]]] = defaultdict(list)
    for (pool, data_set, noise, rate), rows in cells.items():
        by_name = columns(rows)
        together[f"{pool}, {noise}"].append(by_name)
        found["cells"][f"{pool}, {data_set}, {noise}, {rate:.0%}"] = {
            "means": {name: round(float(np.nanmean(values)), 4) for name, values in by_name.items()},
            "seeds": {name: np.round(by_name[name], 4).tolist() for name in ("fuse", *AGAINST) if name in by_name},
            **differences(by_name),
        }
    for name, parts in together.items():
        # A seed's mean over data sets and rates is one observation: its cells share the random state.
        joined = {
            key: np.mean([part[key] for part in parts], axis=0) for key in parts[0] if all(key in p for p in parts)
        }
        found["pools"][name] = {
            "means": {key: round(float(values.mean()), 4) for key, values in joined.items()},
            **differences(joined),
        }
    return found


def show(figures: dict[str, Any]) -> None:
    for part in ("cells", "pools"):
        for name, values in figures[part].items():
            told = "; ".join(
                f"{other} {values['means'][other]:.3f} ({d['mean']:+.3f} [{d['low']:+.3f}, {d['high']:+.3f}])"
                for other, d in values["fuse minus"].items()
            )
            print(f"  {name}: fuse {values['means']['fuse']:.3f}; {told}")


def verdicts(figures: dict[str, Any]) -> dict[str, Any]:
    """What was asked, and the cells that miss it in the mean over seeds."""
    cells = figures["cells"]

    def missed(pool: str, against: str, least: float) -> list[str]:
        return [name for name, values in cells.items() if name.startswith(pool) and against in values["fuse minus"]
                and values["fuse minus"][against]["mean"] < least]  # fmt: skip

    flags = [name for name, values in cells.items()
             if values.get("F1 of flags minus cleanlab's best", {"mean": 0})["mean"] < 0]  # fmt: skip
    return {
        "alike: above the best single; missed": missed("alike", "best single", 0.0),
        "one far stronger: within .01 of the best single; missed": missed("one far", "best single", -0.01),
        **{f"at least {other}; missed": missed("", other, 0.0) for other in AGAINST if "cleanlab" in other},
        "flags: F1 at least cleanlab's best; missed": flags,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[405, 406, 407, 408, 409])
    parser.add_argument("--images", type=int, default=3000, help="of Fashion-MNIST; digits are 1,797")
    parser.add_argument(
        "--cleanlab", default="", help="a Python that has cleanlab (rivals.txt); without, it is left out"
    )
    parser.add_argument("--keep", default="build/fuse-members", help="folder for the members' probabilities, made once")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="sklearn")
    record = Record(
        "fuse", "above the best single where members are alike, within .01 of it where one is far stronger, above "
        "cleanlab", packages=("scikit-learn",), seeds=options.seeds, images=options.images,
        cleanlab="2.9.0" if options.cleanlab else "left out",
    )  # fmt: skip
    figures = sum_up(measure(options))
    show(figures)
    figures["asked"] = verdicts(figures)
    for name, misses in figures["asked"].items():
        print(f"  {name}: {len(misses)}{': ' if misses else ''}{'; '.join(misses)}")
    record.write(figures)


if __name__ == "__main__":
    main()
