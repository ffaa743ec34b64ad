"""Exact nearest neighbours of 200,000 x 128 features, without a matrix of all pairs; beside scikit-learn's.

The features are random directions with a planted twin for each of the first 1,000 rows. Measured: seconds,
processor seconds and how far the process's memory rises above what it held before; agreement with brute force in
float64 on a sample of rows. scikit-learn (brute force, the same rows, fewer queries) gives seconds a query.

Asked: neighbour search on 200,000 x 128 without an N x N matrix (160 GB as float32).

    bench_neighbours.py [--rows 200000] [--neighbours 10]
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

sys.path[:0] = [str(Path(__file__).parent.parent)]

from machine import Record, usable_cores  # noqa: E402

from assay.audit.similar.neighbours import nearest_neighbours  # noqa: E402

WIDTH, TWINS, CHECKED, PEER_QUERIES = 128, 1000, 500, 4000


def peak_gib() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def make_features(rows: int) -> torch.Tensor:
    """The last rows are twins of the first, a tenth of a typical distance away."""
    generator = torch.Generator().manual_seed(400)
    features = torch.randn(rows, WIDTH, generator=generator)
    features[-TWINS:] = features[:TWINS] + 0.1 * torch.randn(TWINS, WIDTH, generator=generator)
    return features


def agreement(features: torch.Tensor, indices: torch.Tensor) -> float:
    """Share of neighbours that brute force in float64 also finds, over rows spread through all."""
    rows = torch.arange(0, len(features), len(features) // CHECKED)[:CHECKED]
    same = 0
    for row in rows.tolist():
        squares = (features.double() - features[row].double()).square().sum(1)
        squares[row] = torch.inf
        nearest = squares.topk(indices.shape[1], largest=False).indices
        same += len(np.intersect1d(nearest.numpy(), indices[row].numpy()))
    return same / (len(rows) * indices.shape[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--neighbours", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(usable_cores())
    record = Record(
        "neighbours", "200,000 x 128 features, no N x N matrix", packages=("scikit-learn",),
        rows=options.rows, width=WIDTH, neighbours=options.neighbours, threads=torch.get_num_threads(),
    )  # fmt: skip
    features = make_features(options.rows)
    before, started, used = peak_gib(), time.perf_counter(), time.process_time()
    found = nearest_neighbours(features, k=options.neighbours)
    seconds, cpu, rise = time.perf_counter() - started, time.process_time() - used, peak_gib() - before
    twins = float((found.indices[:TWINS, 0] == torch.arange(options.rows - TWINS, options.rows)).float().mean())
    started = time.perf_counter()
    peer = NearestNeighbors(n_neighbors=options.neighbours + 1, algorithm="brute").fit(features.numpy())
    peer.kneighbors(features[:PEER_QUERIES].numpy())
    peer_seconds = time.perf_counter() - started
    figures = {
        "n": options.rows, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
        "memory_rise_gib": round(rise, 2), "matrix_of_all_pairs_gib": round(4 * options.rows**2 / 2**30),
        "microseconds_a_query": round(1e6 * seconds / options.rows),
        "twins_found_first": twins, "agreement_with_float64": round(agreement(features, found.indices), 5),
        "agreement_n": CHECKED * options.neighbours,
        "scikit_learn_microseconds_a_query": round(1e6 * peer_seconds / PEER_QUERIES), "scikit_learn_n": PEER_QUERIES,
    }  # fmt: skip
    for name, value in figures.items():
        print(f"  {name}: {value}")
    record.write(figures)


if __name__ == "__main__":
    main()
