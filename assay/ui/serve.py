"""Serve the page: on this machine alone, unless a host is given, and then to those who know the token."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
import threading
from urllib.parse import quote

from assay.errors import InputError
from assay.ui.workspace import Workspace

USUAL_PORT = 8765
PORTS_TRIED = 20
MEND = "give a --host that is an address of this machine, or another --port"
SHOWN_SECONDS = 3.0
"""How long a page may take to fetch the reason why nothing can be read, before the server ends."""


def serve(workspace: Workspace, *, host: str | None = None, port: int | None = None) -> None:
    """Serve until Ctrl-C.

    Args:
        host: an address of this machine that others reach; loopback without it.
        port: 0 for any free one; without it the first free one from 8765 on.
    Raises:
        InputError: the address cannot be used, or the source cannot be read.
    """
    import uvicorn

    from assay.ui.entrance import Entrance

    token = None if host is None else secrets.token_urlsafe(24)
    listening = listen(host or "127.0.0.1", port)
    entrance = Entrance(workspace, token)
    server = uvicorn.Server(uvicorn.Config(entrance, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    print(f"Assay shows {workspace.asked.name} at {address_of(listening, token)}", flush=True)
    print("Stop it with Ctrl-C.", file=sys.stderr, flush=True)
    workspace.start(entrance.open)
    threading.Thread(target=_end_after_failure, args=(workspace, server), daemon=True).start()
    try:
        server.run(sockets=[listening])
    finally:
        workspace.desks.leave()
    if workspace.reading == "failed":
        raise InputError(workspace.problem)


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that others can connect to.

    Raises:
        InputError: the host is not one of this machine, or the port is in use.
    """
    wanted = range(USUAL_PORT, USUAL_PORT + PORTS_TRIED) if port is None else (port,)
    reason = ""
    for number in wanted:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
            return socket.create_server(address[:2], family=family, backlog=128)
        except OSError as error:
            # Python adds the address that it tried, which for a range of ports is another than is asked about.
            reason = (error.strerror or str(error)).split(" (while ")[0].lower()
            if error.errno != errno.EADDRINUSE:
                break
    asked = f"--host {host}" if port is None else f"--host {host} --port {port}"
    is_full = reason.startswith("address already in use")
    tried = f" on any port from {wanted[0]} to {wanted[-1]}" if port is None and is_full else ""
    mend = "give another --port or --host" if is_full else MEND
    raise InputError(f"{asked}: cannot be listened on{tried} ({reason}); {mend}")


def address_of(listening: socket.socket, token: str | None) -> str:
    """What to open in a browser."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/" + ("" if token is None else f"?token={quote(token)}")


def _end_after_failure(workspace: Workspace, server: object) -> None:
    """A source that cannot be read ends the command, once a page had the time to say so."""
    while workspace.reading not in ("failed", "ready"):
        threading.Event().wait(0.1)
    if workspace.reading == "failed":
        workspace.problem_was_shown.wait(SHOWN_SECONDS)
        server.should_exit = True  # type: ignore[attr-defined]
