"""The command line: one file a command; every message of wrong input is one line and exit code 2."""

from __future__ import annotations

import os
import sys

WRONG_INPUT, INTERRUPTED = 2, 130


def main() -> None:
    """Run the `assay` command."""
    # Before torch loads: threads that wait by spinning make small networks crawl on a shared machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from assay.cli.app import build_app
    from assay.errors import InputError

    try:
        build_app()()
    except (InputError, OSError) as error:
        # One line, also where a file name or another program's message has several.
        print(f"assay: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(WRONG_INPUT)
    except SystemExit as end:
        # Typer ends an interrupted command itself, without a word.
        if end.code == INTERRUPTED:
            hint = "; run the same command with --resume to go on" if sys.argv[1:2] in (["run"], ["train"]) else ""
            print(f"assay: stopped{hint}", file=sys.stderr)
        raise
