"""The stages in order, within a budget: one run from a source to a report and a model to ship.

    story = run(Request(source="digits", budget_seconds=120), Path("out"))

Whatever is finished is in the store, so a run that is stopped at any moment goes on from there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from assay.audit.decisions import apply_decisions, read_decisions
from assay.baselines.baseline import Baseline
from assay.budget import Budget
from assay.data.data import Data
from assay.data.open import open_data
from assay.defaults import default_recipe
from assay.device import choose_device
from assay.errors import InputError
from assay.executors.choose import HERE, Workplace
from assay.executors.opening import Opening
from assay.finding import Report
from assay.planning import choose_threads
from assay.recipe_toml import recipe_from_toml
from assay.report.story import RunStory
from assay.run_folder import DATABASE
from assay.session import Announce, Session
from assay.sitting import database_in, finished_seconds, key_of_run, sitting
from assay.stages import (
    Result,
    ablate_stage,
    baselines_stage,
    changed_labels,
    decisions_stage,
    inspect_stage,
    overfit_stage,
    squeeze_stage,
    test_stage,
    tune_stage,
    verify_stage,
)
from assay.store.store import Store
from assay.store.trials import OWN
from assay.telling import decide_environment, tell, write_story


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


def require_same_data(session: Session, data: Data) -> None:
    """Refuse to go on when the source was changed between two sittings.

    Raises:
        InputError: the examples, labels or splits are not those the run began with.
    """
    began = session.decide("data", lambda: {"fingerprint": data.fingerprint})["fingerprint"]
    if began != data.fingerprint:
        raise InputError(
            f"{session.folder}: the data was changed after the run there began (fingerprint {began}, now "
            f"{data.fingerprint}); put it back, or use another --out"
        )


def own_database(folder: Path, database: str | None) -> str:
    """Where a run keeps its own state: the database that is named, or the folder's."""
    return database_in(folder) if database in (None, OWN) else database


def run(
    request: Request,
    folder: Path,
    *,
    database: str | None = None,
    workplace: Workplace = HERE,
    announce: Announce = lambda progress: None,
    on_stage: Callable[[Report], None] = lambda report: None,
) -> RunStory:
    """The whole recipe. Called again with the same request and folder, it goes on where it stopped.

    Args:
        database: an SQLAlchemy URL, for the run's state and its trials; by default the state is in a SQLite file in
            `folder`, and finished trainings where `assay.store.trials` says.
        workplace: where the trainings of the ablation and of the search are done.
        announce: called a few times a second with what is going on.
        on_stage: called with every stage's report as soon as it is there.
    Raises:
        InputError: the source or an option is wrong, or the folder holds a run with another request;
            nothing is written then. Or the source was changed since the run began.
    """
    reading, threads = Budget(request.budget_seconds), torch.get_num_threads()
    choose_device(request.device)
    asked = find_request(folder, database)
    if asked is not None:
        require_same(asked, request, folder)
    data = request.open()
    with sitting(
        folder, asdict(request), key=key_of_run(folder), budget_seconds=request.budget_seconds,
        used_seconds=reading.used, state=own_database(folder, database), database=database,
        opening=Opening(asdict(request), data), workplace=workplace, device=request.device, announce=announce,
    ) as session:  # fmt: skip
        # Relative paths of the request are from here.
        session.decide("started in", lambda: {"folder": str(Path.cwd())})
        try:
            return run_stages(session, request, data, on_stage)
        finally:
            torch.set_num_threads(threads)


def run_stages(session: Session, request: Request, data: Data, on_stage: Callable[[Report], None]) -> RunStory:
    """Each stage in turn; each hands its recipe to the next."""
    require_same_data(session, data)
    results: dict[str, Result] = {}
    seed, expert = request.seed, default_recipe(data.specification, len(data.train), device=session.device)
    threads = session.decide("threads", lambda: {"threads": choose_threads(expert, data, device=session.device)})
    torch.set_num_threads(threads["threads"])
    decide_environment(session)

    def stage(name: str, compute: Callable[[], Result]) -> Result:
        results[name] = session.stage(name, compute)
        on_stage(Report.from_dict(results[name]["report"]))
        return results[name]

    stage("inspect", lambda: inspect_stage(session, data))
    stage("verify", lambda: verify_stage(session, data, seed, expert))
    simple = stage("baselines", lambda: baselines_stage(session, data, seed))
    stage("overfit", lambda: overfit_stage(session, data, seed))
    ablated = stage("ablate", lambda: ablate_stage(session, data, seed))
    tuned = stage("tune", lambda: tune_stage(session, data, seed, recipe_from_toml(ablated["recipe"])))
    before = request.read() if request.decisions else data
    if changed_labels(before, data):
        stage("decisions", lambda: decisions_stage(session, data, before, seed, recipe_from_toml(tuned["recipe"])))
    baselines = [Baseline(**row) for row in simple["baselines"]]
    squeezed = stage(
        "squeeze", lambda: squeeze_stage(session, data, seed, recipe_from_toml(tuned["recipe"]), baselines)
    )
    stage("test", lambda: test_stage(session, data, squeezed["history"]))
    story = replace(tell(request, session, data, results), seconds=finished_seconds(session))
    write_story(story, session.folder)
    shutil.rmtree(session.work, ignore_errors=True)
    return story
