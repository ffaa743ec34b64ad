"""A PostgreSQL of one's own: in a temporary folder, reached through a socket there, stopped and removed at the end.

Debian's package `postgresql` is enough; the server never runs as root, which it refuses.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT_SECONDS = 120.0


def find_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; None where PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    return max((path.parent for path in folders), key=lambda path: int(path.parent.name), default=None)


class Cluster:
    """A server with its data in `folder`; runs as whoever starts it, or as an unprivileged user if that is root."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        self.url = f"postgresql+psycopg://assay@/postgres?host={folder}"

    def make(self) -> None:
        """Lay out the data."""
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "assay", "-A", "trust", "--no-sync")

    def start(self) -> None:
        """Start the server and wait until it answers; it listens to nobody on a network."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        data, log = self.folder / "data", self.folder / "server.log"
        self._run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(log), "-o", options)

    def stop(self, how: str = "fast") -> None:
        """fast: connections are closed. immediate: as if it crashed; it recovers at the next start."""
        self._run("pg_ctl", "stop", "-w", "-D", str(self.folder / "data"), "-m", how)

    def _run(self, program: str, *arguments: str) -> None:
        others = {"user": _unprivileged(), "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / "programs.log").open("ab") as log:
            # Not captured: the server would keep the pipe, and nobody would see its end.
            done = subprocess.run(
                [str(self.programs / program), *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, **others,
            )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{(self.folder / 'programs.log').read_text()[-2000:]}")


def _unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A server that runs while the block lasts.

    Raises:
        RuntimeError: PostgreSQL is not installed, or does not start; gives its words.
    """
    programs = find_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    # Not below a test's own folder: its path may be closed to other users, and longer than a socket's may be.
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _unprivileged())
        cluster = Cluster(folder, programs)
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
