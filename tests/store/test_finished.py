"""Looking at a database of runs while another process writes it, or after, without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.store.finished import finished_stages, look_at_runs, look_at_stage
from assay.store.store import Store, url_of_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "assay.db"


def begin(store: Store, run: int, stage: str) -> None:
    store.decide(run, f"{stage} started", lambda: {"seconds": 1.0})


def test_a_run_is_seen_while_it_goes_on(path: Path) -> None:
    store = Store(url_of_file(path))
    run = store.open_run("a", {"source": "digits"})
    begin(store, run, "inspect")
    store.record_stage(run, "inspect", {"report": {"n": 3}})
    begin(store, run, "verify")
    store.decide(run, "threads", lambda: {"threads": 1})
    store.set_seconds(run, 12.5)
    (seen,) = look_at_runs(path)
    assert (seen.request, seen.seconds, seen.status) == ({"source": "digits"}, 12.5, "running")
    assert (seen.begun, seen.done) == (("inspect", "verify"), ("inspect",))
    assert look_at_stage(path, seen.id, "inspect") == {"report": {"n": 3}}
    assert look_at_stage(path, seen.id, "verify") is None
    store.close()


def test_each_run_has_its_own_stages_and_the_newest_is_the_last(path: Path) -> None:
    store = Store(url_of_file(path))
    for name in ("old", "new"):
        run = store.open_run(name, {"source": name})
        begin(store, run, name)
        store.record_stage(run, "ablate", {"of": name})
    store.set_seconds(run, 3.0, status="done")
    store.close()
    old, new = look_at_runs(path)
    assert (old.begun, new.begun) == (("old",), ("new",))
    assert (old.status, new.status) == ("running", "done")
    assert [stage.result["of"] for stage in finished_stages(path, "ablate")] == ["old", "new"]
    assert look_at_stage(path, new.id, "ablate") == {"of": "new"}


def test_looking_changes_nothing_and_leaves_nothing(path: Path) -> None:
    store = Store(url_of_file(path))
    store.open_run("a", {})
    store.close()
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    look_at_runs(path)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


@pytest.mark.parametrize("look", [look_at_runs, lambda path: look_at_stage(path, 1, "ablate"),
                                  lambda path: finished_stages(path, "ablate")])  # fmt: skip
def test_what_is_no_database_of_runs_is_named(path: Path, look) -> None:
    path.write_text("no database at all, though long enough to be taken for one")
    with pytest.raises(InputError, match=r"assay\.db: no runs can be read from this database .*; restore it, or name"):
        look(path)
