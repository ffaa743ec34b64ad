"""Where finished trainings are kept so that every folder, command and day finds them again.

The database that is named, else the one in the environment variable ASSAY_DATABASE, else a SQLite file among the
user's data; with ASSAY_DATABASE=none, or --database none, each folder keeps its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assay.errors import InputError
from assay.run_folder import DATABASE
from assay.store.database import read_url
from assay.store.store import Store, url_of_file

VARIABLE = "ASSAY_DATABASE"
OWN = "none"
FILE = "trials.db"


def user_folder() -> Path:
    """The user's place for data: XDG_DATA_HOME, or ~/.local/share."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "assay"


def trials_url(named: str | None = None) -> str | None:
    """The URL that is named or in the environment; None for the user's file, `none` for the folder's own."""
    return named or os.environ.get(VARIABLE) or None


def open_trials(folder: Path, named: str | None = None) -> Store:
    """The trials' database for a run in `folder`; the user's file is made if it is not there.

    Raises:
        InputError: the database that was named cannot be opened.
    """
    url, own = trials_url(named), url_of_file(folder / DATABASE)
    if url == OWN:
        return Store(own)
    if url is not None:
        return Store(url)
    try:
        user_folder().mkdir(parents=True, exist_ok=True)
        return Store(url_of_file(user_folder() / FILE))
    except (OSError, InputError) as error:
        print(f"assay: {user_folder() / FILE} cannot be used ({' '.join(str(error).split())}); finished trainings are "
              f"kept in {folder} alone", file=sys.stderr)  # fmt: skip
        return Store(own)


def named_or_own(named: str | None = None) -> str:
    """The URL for whoever has no folder: the one that is named, or the user's file.

    Raises:
        InputError: each folder is to keep its own.
    """
    url = trials_url(named)
    if url == OWN:
        raise InputError(f"{VARIABLE} is {OWN}: there is no database to share; name one by --database")
    if url is None:
        user_folder().mkdir(parents=True, exist_ok=True)
        return url_of_file(user_folder() / FILE)
    return url


def checkpoints_of(url: str) -> Path:
    """Where workers leave checkpoints unless told otherwise: beside a SQLite file, else among the user's data.

    Raises:
        InputError: this is no URL.
    """
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return Path(f"{parsed.database}-checkpoints")
    return user_folder() / "checkpoints"
