"""Assay: train by the experts' recipe, and measure what every trick was worth on your data.

Everything here also works alone, on any PyTorch objects:

    report = assay.verify(model, train_loader, loss_fn, optimizer)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay import audit
    from assay.advice.from_training import advise
    from assay.artifact import load_model
    from assay.audit.audit import Audit
    from assay.audit.cleaning import clean
    from assay.audit.inspect import inspect
    from assay.baselines.dumb import measure_baselines
    from assay.baselines.overfit import overfit
    from assay.checks.verify import verify
    from assay.data.data import Data
    from assay.data.open import open_data
    from assay.errors import InputError
    from assay.evaluation import evaluate
    from assay.finding import Finding, Report
    from assay.finishing.squeeze import squeeze
    from assay.pipeline import run
    from assay.programs.hugging_face import from_trainer
    from assay.programs.lightning import from_lightning
    from assay.recipe import Recipe
    from assay.recipe_toml import read_recipe, write_recipe
    from assay.stages.own_search import tune
    from assay.stages.own_study import ablate
    from assay.stages.request import Request
    from assay.training.train import Run, Training, train
    from assay.trial import measure_on
    from assay.watching.watch import watch

# Each name is imported when it is first used: `import assay` and `assay --help` stay instant.
PUBLIC = {
    "Audit": "audit.audit",
    "Data": "data.data",
    "Finding": "finding",
    "InputError": "errors",
    "Recipe": "recipe",
    "Report": "finding",
    "Request": "stages.request",
    "Run": "training.train",
    "Training": "training.train",
    "ablate": "stages.own_study",
    "advise": "advice.from_training",
    "clean": "audit.cleaning",
    "evaluate": "evaluation",
    "from_lightning": "programs.lightning",
    "from_trainer": "programs.hugging_face",
    "inspect": "audit.inspect",
    "load_model": "artifact",
    "measure_baselines": "baselines.dumb",
    "measure_on": "trial",
    "open_data": "data.open",
    "overfit": "baselines.overfit",
    "read_recipe": "recipe_toml",
    "run": "pipeline",
    "squeeze": "finishing.squeeze",
    "train": "training.train",
    "tune": "stages.own_search",
    "verify": "checks.verify",
    "watch": "watching.watch",
    "write_recipe": "recipe_toml",
}
ROOMS = ("audit",)
"""Packages whose own names users write in full, such as `assay.audit.fuse`."""

__version__ = "0.1.0"
__all__ = [
    "Audit", "Data", "Finding", "InputError", "Recipe", "Report", "Request", "Run", "Training", "ablate", "advise",
    "audit", "clean", "evaluate", "from_lightning", "from_trainer", "inspect", "load_model", "measure_baselines",
    "measure_on", "open_data", "overfit", "read_recipe", "run", "squeeze", "train", "tune", "verify", "watch",
    "write_recipe",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in ROOMS:
        return import_module(f"assay.{name}")
    if name not in PUBLIC:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    value = getattr(import_module(f"assay.{PUBLIC[name]}"), name)
    # Found once, found for good: the next look does not come here.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC, *ROOMS])
