"""Who may ask: a page on this machine, or one that knows the token; never another site through the visitor's browser.

A site that makes its own name mean 127.0.0.1 would be of our origin to the browser, but not call us localhost; a
form on another site cannot hide where it comes from.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "assay-token"
"""With the port of the page: browsers keep cookies for a machine, whatever the port, and it may have several pages."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


class Guard:
    """Middleware around the page.

    token: what every visitor must know; None where only this machine can reach the page.
    """

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = refuse(Request(scope), self.token)
        if answer is not None:
            await answer(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_guarded)


def refuse(request: Request, token: str | None) -> Response | None:
    """The answer to a visitor who may not see the page, or is to take a cookie first; None for those who may."""
    host = request.headers.get("host", "")
    if token is None and name_of(host) not in LOOPBACK:
        return PlainTextResponse(
            f"this page is only there as localhost, not as {host}; open it as localhost, or "
            "start it with --host ADDRESS for others",
            403,
        )
    if not is_own(request, host):
        return PlainTextResponse("this was sent by another site; open the page itself and say it there", 403)
    if token is None:
        return None
    given = request.query_params.get("token")
    if given is not None and is_same(given, token):
        answer = RedirectResponse(request.url.path, 303)
        answer.set_cookie(cookie_of(host), token, httponly=True, samesite="strict")
        return answer
    if is_same(request.cookies.get(cookie_of(host), ""), token):
        return None
    return PlainTextResponse("this page needs its token: open the address that `assay ui` printed", 401)


def name_of(host: str) -> str:
    """A Host header without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def cookie_of(host: str) -> str:
    """What the cookie is called at the port that a Host header names: the browser's own, also through a tunnel."""
    try:
        port = urlsplit(f"//{host}").port
    except ValueError:
        port = None
    return COOKIE if port is None else f"{COOKIE}-{port}"


def is_own(request: Request, host: str) -> bool:
    """Whether a request comes from this page, from somebody who follows a link to it, or from no browser at all."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    is_looking = request.method in ("GET", "HEAD")
    if site is not None:
        return site in ("same-origin", "none") or (is_looking and is_visit(request))
    return is_looking or origin is None or origin.partition("://")[2] == host


def is_visit(request: Request) -> bool:
    """Whether the browser shows the answer as a page of its own: no other site can read it or frame it."""
    wanted = request.headers.get("sec-fetch-mode"), request.headers.get("sec-fetch-dest")
    return wanted == ("navigate", "document")


def is_same(given: str, token: str) -> bool:
    """Compared in a time that tells nothing of the token."""
    return hmac.compare_digest(given.encode(), token.encode())
