"""How a source is read is told in one way: by commands, runs, workers, the page, the next command, and two runs."""

import inspect
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from assay import open_data
from assay.advice.asked import AskedData
from assay.cli.options import Reading
from assay.data import examples
from assay.data.examples import READING
from assay.errors import InputError
from assay.executors import opening
from assay.run_comparison import why
from assay.stages import request
from assay.stages.request import Request
from assay.ui.asked import Asked
from assay.ui.opening import resolve

OTHERS = {
    Reading: (),
    examples.Options: ("memory_limit_bytes", "tolerant"),
    Request: ("source", "budget_seconds", "seed", "device", "decisions"),
    AskedData: ("source", "seed", "decisions"),
    Asked: ("place", "decisions", "audit", "reviewer", "budget_seconds", "seed"),
}
"""What each holds beside, in whatever order."""
GIVEN: dict[str, Any] = {"target": "grade", "group": "patient", "size": (8, 9), "skip_bad": True, "impute": True}
WORDS = ["--target", "grade", "--group", "patient", "--size", "8x9", "--skip-bad", "--impute"]


@pytest.mark.parametrize("kind", OTHERS)
def test_all_hold_the_same_options(kind: type) -> None:
    assert {one.name for one in fields(kind)} == {*READING, *OTHERS[kind]}
    assert {one.name: one.default for one in fields(kind) if one.name in READING} == usual()


def test_what_is_read_takes_them_all() -> None:
    assert set(READING) < set(inspect.signature(open_data).parameters)


@pytest.mark.parametrize("kind", [Request, AskedData, Asked])
def test_all_hold_them_as_the_reading_takes_them(kind: type) -> None:
    kinds = get_type_hints(examples.Options)
    assert {name: get_type_hints(kind)[name] for name in READING} == {name: kinds[name] for name in READING}


def test_a_command_hands_all_on() -> None:
    reading = Reading(**{**GIVEN, "size": "8x9"})
    assert reading.for_opening() == GIVEN
    asked = reading.request("cells.csv", 60.0, seed=0, device=None, decisions=None)
    assert {name: getattr(asked, name) for name in READING} == GIVEN


def test_a_run_reads_by_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    read = dict[str, Any]()

    def note(source: str, **how: Any) -> None:
        read.update(how)
        raise InputError("nothing is read")

    monkeypatch.setattr(request, "open_data", note)
    with pytest.raises(InputError, match="nothing is read"):
        Request("cells.csv", **GIVEN).read()
    assert {name: read[name] for name in READING} == GIVEN


def test_a_worker_and_two_runs_ask_for_all_of_them() -> None:
    assert set(opening.READ) == {"source", *READING, "seed", "decisions"}
    assert set(why.ASKED_OF_DATA) == {*READING, "decisions"}


def test_the_next_command_names_all_of_them() -> None:
    assert sorted(AskedData("cells.csv", **GIVEN).words()) == sorted(["cells.csv", *WORDS])
    assert sorted(Asked("cells.csv", **GIVEN).place_with_options.split()) == sorted(["cells.csv", *WORDS])


def test_the_page_reads_as_the_run_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / request.DATABASE).touch()
    monkeypatch.setattr(request, "find_request", lambda folder: Request("digits", seed=3, **GIVEN))
    asked, _ = resolve(Asked(str(tmp_path)))
    assert ({name: getattr(asked, name) for name in READING}, asked.seed) == (GIVEN, 3)


def test_what_is_given_is_nowhere_the_usual() -> None:
    assert set(GIVEN) == set(READING)
    assert all(GIVEN[name] != usual()[name] for name in READING)


def usual() -> dict[str, Any]:
    """What `open_data` does where nothing is said."""
    parameters = inspect.signature(open_data).parameters
    return {name: parameters[name].default for name in READING}
