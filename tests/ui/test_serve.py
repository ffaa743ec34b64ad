"""`assay ui`: what is said at once, who may reach the page, and how the command ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from assay.errors import InputError
from assay.ui.serve import address_of, listen


def start(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "assay", "ui", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_without_a_host_only_this_machine_is_listened_to() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address_of(listening, None))


def test_the_address_carries_the_token() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert address_of(listening, "a b").endswith("/?token=a%20b")


def test_a_port_in_use_is_told_and_without_one_the_next_is_taken() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"--host 127.0.0.1 --port {port}: cannot be listened on"):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_a_host_that_is_not_of_this_machine_is_told() -> None:
    with pytest.raises(InputError, match=r"--host 203\.0\.113\.7 --port 9: cannot be listened on"):
        listen("203.0.113.7", 9)
    with pytest.raises(InputError) as error:
        listen("203.0.113.7", None)
    told = str(error.value)
    assert told.startswith("--host 203.0.113.7: cannot be listened on")
    assert "(cannot assign requested address); give a --host that is an address of this machine" in told
    assert not re.search("87[0-9][0-9].*87[0-9][0-9]|while attempting|--port 8765", told)


def test_the_command_serves_until_it_is_stopped(tmp_path: Path) -> None:
    process = start("digits", "--port", "0", "--reviewer", "anna", folder=tmp_path)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{address}browse", timeout=120) as answer:
            page = answer.read().decode()
        assert "Reading digits" in page or "examples" in page
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
        assert "Traceback" not in said
    finally:
        process.kill()
        process.communicate()


def test_with_a_host_a_token_is_needed(tmp_path: Path) -> None:
    process = start("digits", "--port", "0", "--host", "127.0.0.1", folder=tmp_path)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        assert "?token=" in address
        with socket.create_connection(
            (address.split("/")[2].split(":")[0], int(re.findall(r":(\d+)/", address)[0]))
        ) as line:
            line.sendall(b"GET /browse HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b"401" in line.recv(100)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("digist",), "digist: no such file or folder (did you mean 'digits'?)"),
        (("digits", "--decisions", "/proc/no/decisions.jsonl"), "decisions cannot be written here"),
        (("digits", "--audit", "nothing.parquet"), "nothing.parquet: cannot be read as Parquet"),
        (("digits", "--budget", "soon"), "soon"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    process = start(*arguments, "--port", "0", folder=tmp_path)
    try:
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
    lines = [line for line in errors.splitlines() if line != "Stop it with Ctrl-C."]
    assert process.returncode == 2
    assert len(lines) == 1, errors
    assert lines[0].startswith("assay: ")
    assert said in lines[0]


@pytest.mark.parametrize("given", [True, False])
def test_a_place_for_decisions_that_does_not_do_is_told_before_anything_is_shown(given: bool, tmp_path: Path) -> None:
    (tmp_path / "digits.decisions.jsonl").mkdir()
    options = ("--decisions", "digits.decisions.jsonl") if given else ()
    process = start("digits", *options, "--port", "0", folder=tmp_path)
    try:
        told, errors = process.communicate(timeout=120)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 2
    assert told == ""
    assert errors.startswith("assay: digits.decisions.jsonl: decisions cannot be written here")
    assert len(errors.splitlines()) == 1


def test_sources_known_by_name_are_those_of_the_data_room() -> None:
    from assay.cli.ui import NAMED
    from assay.data.open import NAMED as SOURCES

    assert set(NAMED) == set(SOURCES)


def test_the_first_page_waits_for_no_torch() -> None:
    heavy = ("torch", "numpy", "polars", "scipy", "sklearn", "sqlalchemy", "plotly")
    imports = "import sys, uvicorn, assay.cli.ui, assay.ui.serve, assay.ui.entrance"
    code = f"{imports}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_entrance_says_what_is_read_and_hands_over(tmp_path: Path) -> None:
    from page_support import make_workspace
    from starlette.testclient import TestClient

    from assay.ui.entrance import Entrance

    entrance = Entrance(make_workspace(tmp_path))
    client = TestClient(entrance, base_url="http://localhost")
    assert "Reading pictures" in client.get("/review?queue=all").text
    assert client.get("/static/page.css").status_code == 200
    assert client.get("/browse", headers={"host": "evil.example"}).status_code == 403
    entrance.open()
    assert "60</b> examples" in client.get("/browse").text
