"""Near duplicates of CIFAR-10's test images in train, against people's judgement, beside imagehash's pHash.

Both detectors search all 60,000 images at once, and neither saw the judgement: the detector was built on planted
copies of training images. A detector's answer is one training image for each test image, its surest.

`cifar10-duplicates.csv` gives places in CIFAR-10's original order; the images at hand are numbered within their
class. The order of classes is lost, so which images the csv means is worked out: image k of a class of K lies
near (k + 1/2) N / K, as a Brownian bridge, and every pair already recognised pins the bridges of its classes. A
found pair is recognised as an annotated one when both places agree far better than chance, one to one. As many
that are found lie between pins and are not recognised, recall is the share of annotated pairs found under which
their places are likeliest (a mixture with places drawn anywhere; its interval is that of the likelihood). What
chance gives is measured the same way with the training numbers turned round.

The csv holds about half of the published pairs, so half of the true ones count as false: precision is a floor.

Asked: precision >= .60 at recall >= .55; Fashion-MNIST has no exact duplicate among its 70,000.

    ASSAY_DATA_DIR=FOLDER bench_near_duplicates.py
"""

from __future__ import annotations

import csv
import os
import resource
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

sys.path[:0] = [str(Path(__file__).parent.parent)]

from cifar10 import joined  # noqa: E402
from machine import Record  # noqa: E402

from assay.audit.equal_groups import EqualGroups, group_equals  # noqa: E402
from assay.audit.scan import scan  # noqa: E402
from assay.audit.similar.groups import KINDS  # noqa: E402
from assay.audit.similar.near_duplicates import LikeExamples, find_like_examples  # noqa: E402
from assay.audit.similar.perceptual_hash import hash_pairs, perceptual_hash  # noqa: E402
from assay.data.data import Data  # noqa: E402
from assay.data.open import open_data  # noqa: E402
from assay.finding import Skipped  # noqa: E402
from assay.intervals import wilson_interval  # noqa: E402

GAP_VARIANCE = 90.0
"""Of the places between two images of one class, where each of ten is as likely next: (1 - p) / p^2."""
PUBLISHED = 286
"""Test images with a near or very similar twin in train (Barz and Denzler 2020)."""
MOST_BITS = 6
Anchors = dict[int, list[tuple[float, float]]]
"""For each class, numbers within it whose place in the original order is known."""


@dataclass(frozen=True)
class Found:
    """(pairs,) classes and numbers within them, of the test and the training image."""

    test_class: np.ndarray
    test_number: np.ndarray
    train_class: np.ndarray
    train_number: np.ndarray

    def __len__(self) -> int:
        return len(self.test_class)

    def rows(self) -> list[tuple[int, ...]]:
        columns = (self.test_class, self.test_number, self.train_class, self.train_number)
        return [tuple(map(int, row)) for row in zip(*columns, strict=True)]


def merged(*parts: Found) -> Found:
    rows = sorted({key for part in parts for key in part.rows()})
    return Found(*np.array(rows).T)


def main() -> None:
    record = Record(
        "near-duplicates", "CIFAR-10: precision >= .60 at recall >= .55; Fashion-MNIST: no exact duplicate of 70,000",
        packages=("imagehash", "pillow"), threads=torch.get_num_threads(),
    )  # fmt: skip
    folder = Path(os.environ["ASSAY_DATA_DIR"])
    data = open_data(folder / "cifar10-jpeg.zip")
    data = replace(data, train=joined(data.train, data.validation), validation=data.validation.select(torch.arange(0)))
    figures = {"cifar10": of_cifar10(data, folder / "cifar10-duplicates.csv")}
    del data
    figures["fashion_mnist"] = of_fashion_mnist()
    record.write(figures)


def of_cifar10(data: Data, judged: Path) -> dict[str, Any]:
    like, cost = searched(data)
    hash_seconds, hashes = hashed(data)
    detectors = {
        "near, or equal mirrored": surest(data, like.equals, *across(like)),
        f"imagehash pHash, at most {MOST_BITS} bits": surest(data, like.equals, *hash_answers(like.equals, hashes)),
    }
    annotated = np.array([[int(row["TestID"]), int(row["TrainID"])] for row in csv.DictReader(judged.open())])
    everything = merged(*detectors.values())
    matches = recognise(everything, annotated)
    turned = replace(everything, train_number=4999 - everything.train_number)
    turned_matches = recognise(turned, annotated)
    by_chance = len(turned_matches)
    recall_by_chance = recall_of(likelihood_ratios(turned, annotated, turned, turned_matches))
    print(f"  annotated {len(annotated)}, recognised {len(matches)} among {len(everything)} found by either; "
          f"{by_chance} would be by chance; recall of a detector whose training numbers are turned round: "
          f"{recall_by_chance[0]:.2f} ({recall_by_chance[1][0]:.2f} to {recall_by_chance[1][1]:.2f})")  # fmt: skip
    rows = {name: judge(name, found, everything, matches, annotated) for name, found in detectors.items()}
    return {"n": len(like.equals.split), "annotated": len(annotated), "recognised": len(matches),
            "recognised_by_chance": by_chance, "recall_by_chance": recall_by_chance,
            "detectors": rows, "search": cost, "hash_seconds": hash_seconds,
            "pairs_of_kind_in_all": like.pairs.counts()}  # fmt: skip


def searched(data: Data) -> tuple[LikeExamples, dict[str, float]]:
    started, used = time.perf_counter(), time.process_time()
    scans = {name: scan(split) for name, split in (("train", data.train), ("test", data.test))}
    like = find_like_examples(data, group_equals(scans))
    assert not isinstance(like, Skipped)
    cost = {"seconds": round(time.perf_counter() - started, 1), "cpu_seconds": round(time.process_time() - used, 1),
            "peak_gib_of_process": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)}  # fmt: skip
    print(f"  {len(like.equals.split):,} images: {cost}; pairs {like.pairs.counts()}")
    return like, cost


def hashed(data: Data) -> tuple[float, torch.Tensor]:
    """pHash of all images, by imagehash itself where it is installed; ours gives the same values."""
    images = torch.cat([data.train.gather(torch.arange(len(data.train))), data.test.gather(torch.arange(10_000))])
    started = time.perf_counter()
    try:
        import imagehash
        from PIL import Image
    except ImportError:
        return time.perf_counter() - started, torch.cat([perceptual_hash(part) for part in images.split(1024)])
    bits = [imagehash.phash(Image.fromarray(image)).hash.ravel() for image in images.permute(0, 2, 3, 1).numpy()]
    hashes = torch.from_numpy(np.packbits(np.array(bits), axis=1).view(">i8").astype(np.int64)[:, 0])
    seconds = time.perf_counter() - started
    ours = torch.cat([perceptual_hash(part) for part in images.split(1024)])
    print(f"  imagehash: {seconds:.0f} s; {int((ours != hashes).sum())} of {len(hashes):,} hashes differ from ours")
    return seconds, hashes


def across(like: LikeExamples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Test row, training row and how unsure, of each pair across the splits that is not equal in every value."""
    pairs, split = like.pairs.of_kinds(*KINDS[1:]), like.equals.split
    both = pairs.where(split[pairs.first] != split[pairs.second])
    return both.second, both.first, both.expected


def hash_answers(equals: EqualGroups, hashes: torch.Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start = equals.offsets[1]
    rows, columns, bits = hash_pairs(hashes[start:], hashes[:start], most_bits=MOST_BITS)
    return rows.numpy() + start, columns.numpy(), bits.numpy().astype(float)


def surest(data: Data, equals: EqualGroups, test: np.ndarray, train: np.ndarray, unsure: np.ndarray) -> Found:
    """The surest pair of each test image."""
    order = np.argsort(unsure, kind="stable")
    _, first = np.unique(test[order], return_index=True)
    chosen = order[first]
    classes = data.specification.classes
    places = [
        [(classes.index(parts[1]), int(parts[2].removesuffix(".jpg"))) for row in rows
         for parts in [equals.member(row).id.split("/")]]
        for rows in (test[chosen], train[chosen])
    ]  # fmt: skip
    (test_class, test_number), (train_class, train_number) = (np.array(rows).T for rows in places)
    return Found(test_class, test_number, train_class, train_number)


def recognise(found: Found, annotated: np.ndarray) -> dict[int, int]:
    """Which annotated pair each found one is, where that is clear; surer matches first pin the order for others."""
    matches: dict[int, int] = {}
    for least in (6.0, 4.0, 3.0, 2.0, *[1.0] * 10):
        odds = log_odds(found, annotated, matches)
        rows, columns = linear_sum_assignment(-odds)
        kept = {int(row): int(column) for row, column in zip(rows, columns, strict=True) if odds[row, column] > least}
        if kept == matches and least == 1.0:
            break
        matches = kept
    return matches


def log_odds(found: Found, annotated: np.ndarray, matches: dict[int, int]) -> np.ndarray:
    """(found, annotated) log of the odds that the two are one pair; a match does not speak for itself."""
    odds = np.zeros((len(found), len(annotated)))
    sides = (
        (found.test_class, found.test_number, annotated[:, 0], 1000, 10_000),
        (found.train_class, found.train_number, annotated[:, 1], 5000, 50_000),
    )
    for classes, numbers, places, size, total in sides:
        known = {row: (int(classes[row]), float(numbers[row]), float(places[match])) for row, match in matches.items()}
        for row in range(len(found)):
            anchors = sorted({(number, place) for other, (label, number, place) in known.items()
                              if label == classes[row] and other != row and number != numbers[row]})  # fmt: skip
            mean, variance = bridge(float(numbers[row]), [(-1.0, -5.5), *anchors, (float(size), total + 4.5)])
            odds[row] += -0.5 * np.log(2 * np.pi * variance) - (places - mean) ** 2 / (2 * variance) + np.log(total)
    share = 0.5 * len(annotated) / len(found)
    return odds + np.log(share / len(annotated) / (1 - min(share, 0.5)))


def bridge(number: float, anchors: list[tuple[float, float]]) -> tuple[float, float]:
    """Mean and variance of the place of this number, pinned at the known ones on both sides."""
    right = int(np.searchsorted([anchor[0] for anchor in anchors], number, side="right"))
    (low, start), (high, end) = anchors[right - 1], anchors[right]
    share = (number - low) / (high - low)
    return start + share * (end - start), max(25.0, GAP_VARIANCE * share * (1 - share) * (high - low))


def likelihood_ratios(found: Found, annotated: np.ndarray, everything: Found, matches: dict[int, int]) -> np.ndarray:
    """(annotated,) how much likelier its places are if a detector found the pair than if it did not.

    Mean over the detector's pairs of the density of the places, against places drawn anywhere. What an
    annotated pair was recognised as pins nothing for itself, so no pair vouches for its own.
    """
    ratios = np.zeros(len(annotated))
    for column, places in enumerate(annotated):
        others = {row: match for row, match in matches.items() if match != column}
        logs = np.zeros(len(found))
        for side, size, total, place in (("test", 1000, 10_000, places[0]), ("train", 5000, 50_000, places[1])):
            anchors = anchors_of(everything, annotated, others, side, size, total)
            classes, numbers = getattr(found, f"{side}_class"), getattr(found, f"{side}_number")
            for row in range(len(found)):
                mean, variance = bridge(float(numbers[row]), anchors[int(classes[row])])
                logs[row] += np.log(total) - 0.5 * np.log(2 * np.pi * variance) - (place - mean) ** 2 / (2 * variance)
        ratios[column] = np.exp(logs).mean()
    return ratios


def anchors_of(
    found: Found, annotated: np.ndarray, matches: dict[int, int], side: str, size: int, total: int
) -> list[list[tuple[float, float]]]:
    """For each class, the numbers whose place is known, with both ends."""
    anchors: list[set[tuple[float, float]]] = [{(-1.0, -5.5), (float(size), total + 4.5)} for _ in range(10)]
    for row, match in matches.items():
        number, place = getattr(found, f"{side}_number")[row], annotated[match, 0 if side == "test" else 1]
        anchors[int(getattr(found, f"{side}_class")[row])].add((float(number), float(place)))
    return [sorted(known) for known in anchors]


def recall_of(ratios: np.ndarray) -> tuple[float, tuple[float, float]]:
    """The share found that makes the places likeliest, and where its likelihood is within 1.92 of the best."""
    shares = np.linspace(0, 1, 1001)
    likelihood = np.log(np.maximum(1 + shares[:, None] * (ratios - 1), 1e-300)).sum(1)
    inside = shares[likelihood > likelihood.max() - 1.92]
    return float(shares[likelihood.argmax()]), (float(inside[0]), float(inside[-1]))


def judge(name: str, found: Found, everything: Found, matches: dict[int, int], annotated: np.ndarray) -> dict[str, Any]:
    rows = everything.rows()
    recognised = {rows[row] for row in matches}
    hits, n = sum(row in recognised for row in found.rows()), len(found)
    recall, interval = recall_of(likelihood_ratios(found, annotated, everything, matches))
    floor = recall * len(annotated) / n
    row = {
        "pairs": n, "pairs_of_one_class": int((found.test_class == found.train_class).sum()), "recognised": hits,
        "recall": round(recall, 3), "recall_interval": interval,
        "recall_of_recognised": round(hits / len(annotated), 3),
        "precision_floor": round(floor, 3), "precision_floor_of_recognised": round(hits / n, 3),
        "precision_if_the_csv_is_a_fair_half": round(min(1.0, floor * PUBLISHED / len(annotated)), 3),
        "recognised_recall_interval": wilson_interval(hits, len(annotated)),
        "recognised_precision_interval": wilson_interval(hits, n),
    }  # fmt: skip
    print(f"  {name}: {n} test images, {row['pairs_of_one_class']} paired within their class; {hits} recognised; "
          f"recall {recall:.2f} ({interval[0]:.2f} to {interval[1]:.2f}) of {len(annotated)}, precision at least "
          f"{floor:.2f}, {row['precision_if_the_csv_is_a_fair_half']:.2f} if the csv is a fair half")  # fmt: skip
    return row


def of_fashion_mnist() -> dict[str, Any]:
    data = open_data("fashion-mnist")
    data = replace(data, train=joined(data.train, data.validation), validation=data.validation.select(torch.arange(0)))
    like, cost = searched(data)
    shared = len(set(across(like)[0].tolist()))
    print(f"  Fashion-MNIST: {like.pairs.counts()}; {shared} of 10,000 test images with a twin in train")
    return {"n": len(like.equals.split), "exact": len(like.pairs.of_kinds("exact")), "pairs": like.pairs.counts(),
            "test_images_with_a_twin_in_train": shared, "search": cost}  # fmt: skip


if __name__ == "__main__":
    main()
