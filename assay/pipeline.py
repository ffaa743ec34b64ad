"""The stages in order, within a budget: one run from a source to a report and a model to ship.

    story = run(Request(source="digits", budget_seconds=120), Path("out"))

Whatever is finished is in the store, so a run that is stopped at any moment goes on from there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch

from assay.baselines.baseline import Baseline
from assay.budget import Budget
from assay.data.data import Data
from assay.defaults import default_recipe
from assay.device import choose_device
from assay.errors import InputError
from assay.executors.choose import HERE, Workplace
from assay.executors.opening import Opening
from assay.finding import Report
from assay.planning import choose_threads
from assay.recipe_toml import recipe_from_toml
from assay.report.story import RunStory
from assay.stages.ablate import ablate_stage
from assay.stages.baselines import baselines_stage
from assay.stages.decisions import changed_labels, decisions_stage
from assay.stages.inspect import inspect_stage
from assay.stages.overfit import overfit_stage
from assay.stages.request import Request, find_request, require_same
from assay.stages.session import Announce, Result, Session
from assay.stages.sitting import finished_seconds, key_of_run, own_database, sitting
from assay.stages.squeeze import squeeze_stage
from assay.stages.telling import decide_environment, tell, write_story
from assay.stages.test import test_stage
from assay.stages.tune import tune_stage
from assay.stages.verify import verify_stage


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
