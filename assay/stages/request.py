"""What is asked of a run or of a stage alone, and what a folder was asked before.

data = Request(source="digits", seed=1).open()
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from assay.audit.decisions import apply_decisions, read_decisions
from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.run_folder import DATABASE
from assay.stages.sitting import key_of_run, own_database
from assay.store.store import Store
from assay.store.trials import OWN


@dataclass(frozen=True)
class Request:
    """What was asked of a run; a resumed run asks the same."""

    source: str
    budget_seconds: float = 600.0
    seed: int = 0
    target: str | None = None
    group: str | None = None
    size: tuple[int, int] | None = None
    skip_bad: bool = False
    impute: bool = False
    device: str | None = None
    decisions: str | None = None

    def open(self, *, tolerant: bool = False) -> Data:
        """Read the data, and correct it by the file of decisions if there is one.

        Args:
            tolerant: for an inspection alone, which tells what a training would refuse.
        """
        data = self.read(tolerant=tolerant)
        if self.decisions is None:
            return data
        return apply_decisions(data, read_decisions(Path(self.decisions)), seed=self.seed)

    def read(self, *, tolerant: bool = False) -> Data:
        """The data as its source has it."""
        return open_data(self.source, target=self.target, group=self.group, size=self.size, skip_bad=self.skip_bad,
                         impute=self.impute, seed=self.seed, tolerant=tolerant)  # fmt: skip


def find_request(folder: Path, database: str | None = None) -> Request | None:
    """What the run in `folder` was asked; None if there is none."""
    if not (folder / DATABASE).is_file() and database in (None, OWN):
        return None
    with closing(Store(own_database(folder, database))) as store:
        found = store.find_request(key_of_run(folder))
    return None if found is None else Request(**{**found, "size": tuple(found["size"]) if found["size"] else None})


def require_same(asked: Request, request: Request, folder: Path) -> None:
    """Refuse to go on with a run under another request.

    Raises:
        InputError: names what differs.
    """
    before, now = asdict(asked), asdict(request)
    differing = [f"{name} {before[name]!r}, not {now[name]!r}" for name in before if before[name] != now[name]]
    if differing:
        raise InputError(
            f"{folder}: the run there was started with {'; '.join(differing)}; ask the same, or use another --out"
        )
