"""Seconds and memory of `assay.verify` on a healthy program the size of a real one.

A ResNet-18 of 11 million parameters, 32x32 images in 10 classes, batches of 64, its own training step, a schedule and
a validation loader: every check that applies must run within 60 s on 2 cores, in less than 1.5 GiB, without an alert.
Images are drawn, so that nothing is needed: what the checks cost does not depend on what is in them.
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import torch
import torch.nn.functional as F
from machine import Record
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from assay.checks import verify as verify_module
from assay.models.resnet import ResNet

ASKED_SECONDS, ASKED_GIB = 60.0, 1.5
EPOCHS, CLASSES = 10, 10


def pictures(count: int, seed: int) -> TensorDataset:
    """Noisy patterns, one a class, normalised."""
    patterns = F.interpolate(torch.randn(CLASSES, 3, 8, 8, generator=torch.Generator().manual_seed(1)), size=32)
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(CLASSES, (count,), generator=generator)
    images = patterns[labels] + torch.randn(count, 3, 32, 32, generator=generator)
    return TensorDataset((images - images.mean()) / images.std(), labels)


def training_step(model: nn.Module, batch: tuple[Tensor, Tensor], optimizer: torch.optim.Optimizer) -> Tensor:
    optimizer.zero_grad()
    loss = F.cross_entropy(model(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    return loss.detach()


def program(images: int) -> dict[str, Any]:
    """The arguments of `verify`."""
    torch.manual_seed(0)
    model = ResNet(18, 64, stages=4).build((3, 32, 32), CLASSES)
    loader = DataLoader(pictures(images, 2), 64, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)
    return {
        "model": model,
        "train_loader": loader,
        "loss_fn": nn.CrossEntropyLoss(),
        "optimizer": optimizer,
        "val_loader": DataLoader(pictures(images // 5, 3), 64),
        "training_step": training_step,
        "scheduler": torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=EPOCHS * len(loader)),
        "epochs": EPOCHS,
    }


def peak_gib() -> float:
    """Of this process so far, its libraries included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def seconds_by_check(seconds: dict[str, float]) -> Any:
    """`run_check` that notes what each one took, and says so."""
    original = verify_module.run_check

    def timed(name: str, *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return original(name, *arguments)
        finally:
            seconds[name] = time.perf_counter() - started
            print(f"    {name:28s} {seconds[name]:6.1f} s  peak {peak_gib():.2f} GiB", flush=True)

    return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--budget", type=float, default=600.0, help="seconds; more than asked, to see what is too slow")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    record = Record("verify", f"verify a ResNet-18 in {ASKED_SECONDS:g} s and {ASKED_GIB} GiB", rounds=1)
    given, seconds = program(options.images), {}
    verify_module.run_check = seconds_by_check(seconds)
    report = verify_module.verify(**given, budget_seconds=options.budget)
    gib = peak_gib()
    for skip in report.skipped:
        print(f"    skipped {skip.id}: {skip.reason}")
    for finding in report.alerts:
        print(f"    ALERT {finding.level} {finding.id}: {finding.summary}")
    print(f"  {len(seconds)} checks in {report.seconds:.1f} s (asked {ASKED_SECONDS:g}), peak {gib:.2f} GiB "
          f"(asked {ASKED_GIB}), {len(report.alerts)} alerts, {options.threads} threads")  # fmt: skip
    record.write(
        {
            "seconds": report.seconds,
            "peak_gib": gib,
            "checks": len(seconds),
            "alerts": [finding.id for finding in report.alerts],
            "skipped": {skip.id: skip.reason for skip in report.skipped},
            "seconds_by_check": {name: round(taken, 2) for name, taken in seconds.items()},
            "threads": options.threads,
            "images": options.images,
            "reached": report.seconds < ASKED_SECONDS and gib < ASKED_GIB and report.ok,
        }
    )


if __name__ == "__main__":
    main()
