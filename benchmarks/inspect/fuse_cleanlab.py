"""cleanlab's filter and rankings of the same probabilities, in its own process and environment.

    fuse_cleanlab.py IN.npz OUT.npz      arrays `given` and one of (n, classes) a member -> one of scores a method

Every score is higher for the more suspicious. A filter's own ranking comes first, what it did not flag after it by
self-confidence; `flags of ...` holds what it flagged.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_ensemble_scores, get_label_quality_scores


def judge(members: list[np.ndarray], given: np.ndarray) -> dict[str, np.ndarray]:
    mean = np.mean(members, axis=0)
    mean /= mean.sum(1, keepdims=True)
    found = {}
    for method in ("self_confidence", "normalized_margin"):
        found[f"cleanlab ranking of the mean, {method}"] = -get_label_quality_scores(given, mean, method=method)
        for weights in ("accuracy", "log_loss_search"):
            quality = get_label_quality_ensemble_scores(
                given, members, method=method, weight_ensemble_members_by=weights, verbose=False
            )
            found[f"cleanlab ensemble by {weights}, {method}"] = -quality
    rest = get_label_quality_scores(given, mean)
    for kind in ("prune_by_noise_rate", "both", "confident_learning"):
        ranked = find_label_issues(given, mean, filter_by=kind, return_indices_ranked_by="self_confidence", n_jobs=1)
        score = -rest
        score[ranked] = 2 + np.arange(len(ranked))[::-1]
        found[f"cleanlab filter {kind}"] = score
        found[f"flags of cleanlab filter {kind}"] = np.isin(np.arange(len(given)), ranked)
    return found


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    with np.load(source) as kept:
        pools = {name: kept[name] for name in kept.files}
    found = {}
    for pool in sorted({name.split("|")[0] for name in pools}):
        parts = {name.split("|")[1]: values for name, values in pools.items() if name.split("|")[0] == pool}
        given = parts.pop("given")
        members = [values.astype(np.float64) for values in parts.values()]
        members = [values / values.sum(1, keepdims=True) for values in members]
        found |= {f"{pool}|{method}": score for method, score in judge(members, given).items()}
    np.savez(target, **found)


if __name__ == "__main__":
    main()
