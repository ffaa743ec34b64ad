"""Who looks at what: reviewers of one server and of several on one file of decisions are not shown the same."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import pytest
from page_support import client_of, judged, make_pictures, make_workspace

from assay.ui.desks import LEFT_SECONDS, Desks


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def sit(desks: Desks, reviewer: str, id: str | None) -> frozenset[str]:
    with desks.seat(reviewer) as seat:
        seat.own = id
    return seat.taken


@pytest.mark.parametrize("is_shared", [True, False])
def test_what_others_have_before_them_is_taken_until_they_leave_it(tmp_path: Path, is_shared: bool) -> None:
    clock = Clock()
    desks = Desks(tmp_path / "decisions.jsonl" if is_shared else None, clock)
    assert sit(desks, "anna", "picture-1") == frozenset()
    assert sit(desks, "ben", "picture-2") == {"picture-1"}
    assert sit(desks, "anna", "picture-3") == {"picture-2"}, "one's own is not taken"
    assert sit(desks, "ben", None) == {"picture-3"}
    assert sit(desks, "anna", "picture-3") == frozenset()
    clock.now += LEFT_SECONDS + 1
    assert sit(desks, "ben", "picture-3") == frozenset(), "who says nothing for long has left"


def test_two_servers_on_one_file_know_of_each_other_and_leave_nothing(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    one, other = Desks(file), Desks(file)
    sit(one, "anna", "picture-1")
    assert sit(other, "ben", "picture-2") == {"picture-1"}
    assert sit(one, "anna", "picture-1") == {"picture-2"}
    one.leave()
    assert sit(other, "ben", "picture-2") == frozenset()
    other.leave()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_of_seats_is_no_trouble(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "decisions.jsonl")
    assert desks.path is not None
    for content in (b"nonsense", b"[1, 2]", b'{"anna": 3}', b'{"anna": ["a", "soon"]}', b"\xff\xfe"):
        desks.path.write_bytes(content)
        assert sit(desks, "ben", "picture-2") == frozenset()


def test_where_no_file_can_be_the_page_says_that_one_is_alone(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "nowhere" / "decisions.jsonl")
    sit(desks, "anna", "picture-1")
    assert "no such file or directory" in desks.problem
    assert sit(desks, "ben", "picture-2") == {"picture-1"}, "of this server"
    desks.leave()


def test_two_servers_give_two_reviewers_different_examples(tmp_path: Path) -> None:
    data = make_pictures()
    pages = [client_of(make_workspace(tmp_path, data, judged(data))) for _ in range(2)]
    for page, name in zip(pages, ("anna", "ben"), strict=True):
        page.cookies.set("assay-reviewer", name)
    assert 'data-row="0"' in pages[0].get("/review").text
    assert 'data-row="1"' in pages[1].get("/review").text
    kept = pages[0].post("/review/decide", data={"row": "0", "id": "picture-0", "action": "keep"})
    assert 'data-row="2"' in kept.text, "not the one that the other has before them"


def test_many_at_once_are_never_given_the_same(tmp_path: Path) -> None:
    """Three processes take 40 examples each; every one is taken once."""
    file = tmp_path / "decisions.jsonl"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        taken = pool.starmap(take_many, [(str(file), f"{name}", 40) for name in range(3)])
    rows = [row for rows in taken for row in rows]
    assert len(rows) == len(set(rows)) == 120


def take_many(file: str, name: str, count: int) -> list[str]:
    desks, mine = Desks(Path(file)), list[str]()
    for turn in range(count):
        # A name of its own for each turn, so that all stay taken.
        with desks.seat(f"{name}-{turn}") as seat:
            seat.own = next(str(row) for row in range(1000) if str(row) not in seat.taken)
        mine.append(seat.own)
    return mine
