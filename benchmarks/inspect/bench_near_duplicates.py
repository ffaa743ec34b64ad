"""Near duplicates of CIFAR-10's test images in train, against people's judgement, beside imagehash's pHash.

Both detectors search all 60,000 images at once, and neither saw the judgement: the detector was built on planted
copies of training images. A detector's answer is one training image for each test image, its surest.

The judgement is a list that is not exhaustive: one training image for a test image, looked for among those that one
network held for near. So precision against it is a floor. From above, errors are bounded by classes: were a found pair
two pictures that only look alike, it would often be of two classes, as the nearest pictures that are not called pairs
are. With q of those of two classes, and at most u of the found ones (95 %), at most u / q of these are errors.

Asked: precision >= .60 at recall >= .55; Fashion-MNIST has no exact duplicate among its 70,000.

    ASSAY_DATA_DIR=FOLDER bench_near_duplicates.py [--judged duplicates_cifar10.csv]

Source: the whole list of 286: Barz and Denzler 2020 (arXiv:1902.00423), github.com/cvjena/cifair, meta/. About half
of it lies in ASSAY_DATA_DIR.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import beta

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

from cifar10 import joined  # noqa: E402
from cifar10_order import ids_in_order  # noqa: E402
from machine import Record  # noqa: E402

from assay.audit.equal_groups import EqualGroups, group_equals  # noqa: E402
from assay.audit.scan import scan  # noqa: E402
from assay.audit.similar.groups import KINDS  # noqa: E402
from assay.audit.similar.like_examples import LikeExamples, find_like_examples  # noqa: E402
from assay.audit.similar.near_pictures import NearPictures, find_near_pictures  # noqa: E402
from assay.audit.similar.perceptual_hash import hash_pairs, perceptual_hash  # noqa: E402
from assay.audit.similar.pictures import read_pictures  # noqa: E402
from assay.data.data import Data  # noqa: E402
from assay.data.open import open_data  # noqa: E402
from assay.finding import Skipped  # noqa: E402
from assay.intervals import wilson_interval  # noqa: E402

MOST_BITS = 6
Answers = dict[str, str]
"""The surest training image of each test image that has one, by their ids."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--judged", type=Path, help="the whole published list; half of it without")
    options = parser.parse_args()
    record = Record(
        "near-duplicates", "CIFAR-10: precision >= .60 at recall >= .55; Fashion-MNIST: no exact duplicate of 70,000",
        packages=("imagehash", "pillow"), threads=torch.get_num_threads(),
    )  # fmt: skip
    folder = Path(os.environ["ASSAY_DATA_DIR"])
    data = open_data(folder / "cifar10-jpeg.zip")
    data = replace(data, train=joined(data.train, data.validation), validation=data.validation.select(torch.arange(0)))
    lists = [folder / "cifar10-duplicates.csv", *([options.judged] if options.judged else [])]
    figures = {"cifar10": of_cifar10(data, [judged_pairs(path) for path in lists])}
    del data
    figures["fashion_mnist"] = of_fashion_mnist()
    record.write(figures)


def judged_pairs(path: Path) -> Answers:
    """Test and training image of each judged pair."""
    test, train = ids_in_order("test"), ids_in_order("train")
    with path.open() as file:
        return {test[int(row["TestID"])]: train[int(row["TrainID"])] for row in csv.DictReader(file)}


def of_cifar10(data: Data, lists: list[Answers]) -> dict[str, Any]:
    like, cost = searched(data)
    hash_seconds, hashes = hashed(data)
    ids = [*data.train.ids, *data.test.ids]
    unlike = share_of_two_classes(like, ids)
    print(f"  of the nearest pictures that are not called pairs, {unlike:.3f} are of two classes")
    detectors = {
        "near, or equal mirrored": surest(ids, *across(like)),
        f"imagehash pHash, at most {MOST_BITS} bits": surest(ids, *hash_answers(like.equals, hashes)),
    }
    rows = {name: [judge(name, found, judged, unlike) for judged in lists] for name, found in detectors.items()}
    return {"n": len(ids), "detectors": rows, "search": cost, "hash_seconds": hash_seconds,
            "of_two_classes_among_nearest_that_are_no_pairs": unlike,
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


def share_of_two_classes(like: LikeExamples, ids: list[str]) -> float:
    """Of as many test images as have a twin, the nearest to a training image that is none: how many differ in class."""
    pictures = read_pictures(like.equals)
    rows = np.flatnonzero(np.isfinite(like.loneliness))
    found = find_near_pictures(pictures.miniatures[torch.from_numpy(rows)], pictures.shape)
    assert isinstance(found, NearPictures)
    test_rows, train_rows, _ = across(like)
    paired = set(zip(test_rows.tolist(), train_rows.tolist(), strict=True))
    nearest = list[tuple[float, bool]]()
    for place in np.flatnonzero(like.equals.split[rows] == 1):
        row, others = int(rows[place]), rows[found.neighbours.indices[place].numpy()]
        for other, distance in zip(others.tolist(), found.neighbours.distances[place].tolist(), strict=True):
            if like.equals.split[other] == 0:
                if (row, other) not in paired:
                    nearest.append((distance, class_of(ids[row]) != class_of(ids[other])))
                break
    chosen = sorted(nearest)[: len(set(test_rows.tolist()))]
    return sum(differs for _, differs in chosen) / len(chosen)


def across(like: LikeExamples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Test row, training row and how unsure, of each pair across the splits that is not equal in every value."""
    pairs, split = like.pairs.of_kinds(*KINDS[1:]), like.equals.split
    both = pairs.where(split[pairs.first] != split[pairs.second])
    return both.second, both.first, both.expected


def hash_answers(equals: EqualGroups, hashes: torch.Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start = equals.offsets[1]
    rows, columns, bits = hash_pairs(hashes[start:], hashes[:start], most_bits=MOST_BITS)
    return rows.numpy() + start, columns.numpy(), bits.numpy().astype(float)


def surest(ids: list[str], test: np.ndarray, train: np.ndarray, unsure: np.ndarray) -> Answers:
    """The surest pair of each test image."""
    found: Answers = {}
    for place in np.argsort(unsure, kind="stable").tolist():
        found.setdefault(ids[test[place]], ids[train[place]])
    return found


def class_of(id: str) -> str:
    return id.split("/")[1]


def judge(name: str, found: Answers, judged: Answers, unlike: float) -> dict[str, Any]:
    hits, n = sum(judged.get(test) == train for test, train in found.items()), len(found)
    of_two = sum(class_of(test) != class_of(train) for test, train in found.items())
    most = float(beta.ppf(0.95, of_two + 1, n - of_two)) if of_two < n else 1.0
    row = {
        "answers": n, "judged": len(judged), "hits": hits,
        "recall": round(hits / len(judged), 3), "recall_interval": wilson_interval(hits, len(judged)),
        "precision_floor": round(hits / n, 3), "precision_floor_interval": wilson_interval(hits, n),
        "of_two_classes": of_two, "precision_at_least_by_classes": round(max(0.0, 1 - most / unlike), 3),
    }  # fmt: skip
    print(f"  {name}: {n} test images; {hits} of {len(judged)} judged pairs, recall {row['recall']:.2f}, precision "
          f"against the list {row['precision_floor']:.2f}; {of_two} of two classes, by which precision is at least "
          f"{row['precision_at_least_by_classes']:.2f}")  # fmt: skip
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
