"""Who may see the page and change something: this machine, or whoever knows the token; no other site."""

from __future__ import annotations

from pathlib import Path

import page_support
import pytest
from page_support import make_workspace
from starlette.testclient import TestClient


def client_of(folder: Path, token: str | None = None) -> TestClient:
    return page_support.client_of(make_workspace(folder), token, follow_redirects=False)


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "127.0.0.1:1234", "[::1]:8765"])
def test_this_machine_may_see_the_page(host: str, tmp_path: Path) -> None:
    assert client_of(tmp_path).get("/browse", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
def test_a_name_that_only_resolves_to_this_machine_may_not(host: str, tmp_path: Path) -> None:
    answer = client_of(tmp_path).get("/browse", headers={"host": host})
    assert answer.status_code == 403
    assert "open it as localhost, or start it with --host ADDRESS" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
     {"origin": "null"}, {"origin": "http://localhost:9999"}, {"origin": "http://["}],
)  # fmt: skip
def test_another_site_changes_nothing(headers: dict[str, str], tmp_path: Path) -> None:
    form = {"row": "0", "id": "picture-0", "action": "keep"}
    answer = client_of(tmp_path).post("/browse/decide", data=form, headers=headers)
    assert answer.status_code == 403
    assert "another site; open the page itself" in answer.text
    assert not (tmp_path / "decisions.jsonl").exists()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_asks_for_nothing_but_shows_the_way(site: str, tmp_path: Path) -> None:
    client, headers = client_of(tmp_path), {"sec-fetch-site": site}
    for mode, kind in (("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")):
        asked = {**headers, "sec-fetch-mode": mode, "sec-fetch-dest": kind}
        assert client.get("/picture/0", headers=asked).status_code == 403
    visit = {**headers, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/browse", headers=visit).status_code == 200
    assert (
        client.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "keep"}, headers=visit).status_code
        == 403
    )


def test_no_name_but_those_of_this_machine_is_let_in(tmp_path: Path) -> None:
    assert client_of(tmp_path).get("/browse", headers={"host": "testserver"}).status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}, {}])
def test_the_page_itself_does(headers: dict[str, str], tmp_path: Path) -> None:
    form = {"row": "0", "id": "picture-0", "action": "keep"}
    assert client_of(tmp_path).post("/browse/decide", data=form, headers=headers).status_code == 200
    assert len((tmp_path / "decisions.jsonl").read_text().splitlines()) == 1


def test_with_a_token_nobody_sees_anything_without_it(tmp_path: Path) -> None:
    client = client_of(tmp_path, token="secret")
    for path in ("/", "/browse", "/picture/0", "/static/page.css", "/state"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "needs its token" in answer.text
    assert client.get("/browse?token=wrong").status_code == 401


def test_the_token_is_asked_once_and_kept_as_a_cookie_scripts_cannot_read(tmp_path: Path) -> None:
    client = client_of(tmp_path, token="secret")
    answer = client.get("/browse?token=secret", headers={"host": "192.168.0.7:8765"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/browse"), "the address bar forgets the token"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    client.cookies.set("assay-token", "secret")
    assert client.get("/browse").status_code == 200


def test_pages_allow_no_foreign_script_and_no_frame(tmp_path: Path) -> None:
    headers = client_of(tmp_path).get("/browse").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/picture/-1", "/picture/60", "/browse/example/99999", "/picture/..%2f..%2fetc"])
def test_there_are_only_rows_of_the_table(path: str, tmp_path: Path) -> None:
    assert client_of(tmp_path).get(path).status_code in (404, 422)


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py"])
def test_static_files_are_only_those_of_their_folder(path: str, tmp_path: Path) -> None:
    assert client_of(tmp_path).get(path).status_code == 404


def test_two_pages_of_one_machine_are_seen_at_once(tmp_path: Path) -> None:
    """Browsers send a cookie to every port of a machine: one name for both would take the token of the other away."""
    jar = dict[str, str]()
    pages = {port: client_of(tmp_path, token=f"secret-{port}") for port in (8765, 8766)}
    for port, page in pages.items():
        answer = page.get(f"/browse?token=secret-{port}", headers={"host": f"192.168.0.7:{port}"})
        name, _, value = answer.headers["set-cookie"].split(";")[0].partition("=")
        jar[name] = value
    sent = "; ".join(f"{name}={value}" for name, value in jar.items())
    for port, page in pages.items():
        asked = {"host": f"192.168.0.7:{port}", "cookie": sent}
        assert page.get("/browse", headers=asked).status_code == 200
    assert pages[8765].get("/browse", headers={"host": "192.168.0.7:8766", "cookie": sent}).status_code == 401
    assert pages[8765].get("/browse", headers={"host": "192.168.0.7:99999999", "cookie": sent}).status_code == 401
