"""A folder of class folders with 5,000 + 1,000 CIFAR-10 images, cut from a zip of class folders."""

from __future__ import annotations

import os
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

IMAGES_A_CLASS = {"train": 500, "test": 100}


def prepare_cifar_folder(folder: Path) -> Path:
    """`folder/{train,test}/CLASS/*.jpg`: the first images of each class in the zip that ASSAY_CIFAR_ZIP names.

    Raises:
        SystemExit: the variable is not set, or the zip is not one of class folders.
    """
    source = os.environ.get("ASSAY_CIFAR_ZIP")
    if not source:
        raise SystemExit("set ASSAY_CIFAR_ZIP to a zip of CIFAR-10 as train/CLASS/*.jpg and test/CLASS/*.jpg")
    taken: Counter[tuple[str, str]] = Counter()
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            parts = PurePosixPath(name).parts
            if len(parts) != 3 or parts[0] not in IMAGES_A_CLASS or ".." in parts:
                continue
            key = (parts[0], parts[1])
            if taken[key] < IMAGES_A_CLASS[parts[0]]:
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
                taken[key] += 1
    counts = Counter({part: sum(n for (where, _), n in taken.items() if where == part) for part in IMAGES_A_CLASS})
    if counts != Counter({"train": 5000, "test": 1000}):
        raise SystemExit(f"{source}: found {dict(counts)} images in train/CLASS and test/CLASS, need 5,000 and 1,000")
    return folder
