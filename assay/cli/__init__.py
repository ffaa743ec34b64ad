"""The command line: one file a command; every message of wrong input is one line and exit code 2."""

from __future__ import annotations

import errno
import os
import sys
from itertools import pairwise

WRONG_INPUT, INTERRUPTED = 2, 130


def main() -> None:
    """Run the `assay` command."""
    # Before torch loads: threads that wait by spinning make small networks crawl on a shared machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        code = _run(sys.argv[1:])
    except KeyboardInterrupt:
        code = _say_stopped()
    if code:
        sys.exit(code)


def _run(arguments: list[str]) -> int:
    """The exit code of a command line; without a command, help is shown."""
    from assay.cli.app import build_app
    from assay.cli.folders import StoppedError
    from assay.errors import InputError

    try:
        require_values(arguments)
        # Outside standalone mode nothing prints a box of its own, and an Exit is handed back as its code.
        code = build_app()(arguments or ["--help"], prog_name="assay", standalone_mode=False) or 0
        return _say_stopped() if code == INTERRUPTED else code
    except StoppedError as stop:
        return _say_stopped(f"; {stop}")
    except (InputError, OSError) as error:
        return _refuse(_say_os_error(error) if isinstance(error, OSError) else str(error))
    except Exception as error:
        # What the command-line library raises comes from a copy of click inside it, whose place is no promise.
        if not hasattr(error, "format_message"):
            raise
        return _refuse(_say_usage_error(error))


def require_values(arguments: list[str]) -> None:
    """Raises InputError: an option is given nothing, as by a script's variable that is not set; names it."""
    from assay.errors import InputError

    for name, value in pairwise([*arguments, None]):
        if isinstance(name, str) and name.startswith("--") and (value == "" or name.endswith("=")):
            raise InputError(f"{name.rstrip('=')} is given nothing; write its value, or leave it out")


def _say_stopped(hint: str = "") -> int:
    print(f"assay: stopped{hint}", file=sys.stderr)
    return INTERRUPTED


def _refuse(message: str) -> int:
    # One line, also where a file name or another program's message has several.
    print(f"assay: {' '.join(message.split())}", file=sys.stderr)
    return WRONG_INPUT


def _say_os_error(error: OSError) -> str:
    """Without number and quotes: `/proc/x: no such file or directory`."""
    if error.strerror is None:
        return str(error)
    place = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
    remedy = "check the path, its permissions and the disk"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "make room and repeat the command: what is finished is kept, and it goes on from there"
    return f"{place}{error.strerror[:1].lower()}{error.strerror[1:]}; {remedy}"


def _say_usage_error(error: Exception) -> str:
    """What was wrong with the command line, and where its options are listed."""
    message = error.format_message().strip().rstrip(".")  # type: ignore[attr-defined]
    command = getattr(getattr(error, "ctx", None), "command_path", "assay")
    return f"{message[:1].lower()}{message[1:]}; see `{command} --help`"
