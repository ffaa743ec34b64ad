"""What a figure was measured on, and where it is written down."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SHOWN = ("torch", "numpy", "assay-train")


def processor() -> str:
    """The processor's name as Linux knows it, or what Python does."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gib() -> float:
    """Physical memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions(*names: str) -> dict[str, str]:
    """Installed versions of the packages that are there."""
    found = {"python": platform.python_version()}
    for name in (*SHOWN, *names):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def accelerator() -> dict[str, str]:
    """The GPU that trainings run on, if there is one."""
    import torch

    return {"accelerator": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}


def describe_machine() -> dict[str, Any]:
    """Hardware, and the load that was on it: above the number of cores, figures are not worth much."""
    return {
        **accelerator(),
        "processor": processor(),
        "cores": usable_cores(),
        "memory_gib": round(memory_gib(), 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load_average_1_minute": round(os.getloadavg()[0], 2),
    }


class Record:
    """One benchmark's result: prints its machine first, and writes everything at the end.

    Args:
        name: of the file, `results/<name>.json`.
        asked: the claim under test, in words.
        packages: further packages whose versions matter.
    """

    def __init__(self, name: str, asked: str, *, packages: tuple[str, ...] = (), **settings: Any) -> None:
        self.name = name
        self.content: dict[str, Any] = {
            "name": name, "asked": asked, "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": describe_machine(), "versions": versions(*packages), "settings": settings,
        }  # fmt: skip
        machine, installed = self.content["machine"], self.content["versions"]
        print(f"{name}: {asked}")
        hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
        print(f"  on {machine.get('accelerator', 'no GPU')}, {hardware}, load {machine['load_average_1_minute']}; "
              f"{', '.join(f'{package} {number}' for package, number in installed.items())}")  # fmt: skip
        if settings:
            print("  " + ", ".join(f"{key} {value}" for key, value in settings.items()))

    def write(self, figures: Any) -> Path:
        """Add the figures and write the file; says where."""
        self.content["figures"] = figures
        self.content["load_average_1_minute_at_end"] = round(os.getloadavg()[0], 2)
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps(self.content, indent=1, default=str) + "\n")
        print(f"  written to benchmarks/results/{path.name}\n", flush=True)
        return path
