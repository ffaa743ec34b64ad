"""Files that cannot be read: one line for all of them, or a finding once they are left out."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

from assay.finding import Finding

NAMED = 100
KINDS = {
    "an empty file": "empty",
    "not an image": "no image",
    "not a file": "no file",
    "too many to decode": "too large",
    "no such file": "gone",
    "image file is truncated": "cut short",
}
"""Words of the messages of `assay.data.reading.images`, and what they are counted as; the others are damaged."""


def say_unreadable(messages: list[str]) -> str:
    """One line for one or more unreadable files."""
    more = f" ({len(messages) - 1} more files are unreadable)" if len(messages) > 1 else ""
    return f"{messages[0]}; or leave such files out with --skip-bad{more}"


def unreadable_finding(messages: tuple[str, ...], *, accepted: bool) -> tuple[Finding, ...]:
    """What was left out, by reason and folder; nothing where all could be read.

    Args:
        accepted: whether the user asked to leave such files out; else a training would refuse them.
    """
    if not messages:
        return ()
    short = [message.removesuffix("; replace or remove the file") for message in messages]
    kinds = Counter(kind_of(message) for message in messages)
    folders = Counter(str(PurePath(message.split(": ")[0]).parent) for message in messages)
    parts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    return (
        Finding(
            id="unreadable_files",
            level="suspect" if accepted else "proved",
            summary=f"{len(messages):,} unreadable files were left out ({parts}), such as {short[0]}.",
            evidence={"count": len(messages), "kinds": dict(kinds), "folders": dict(folders.most_common(10)),
                      "files": short[:NAMED]},
            cause="Downloads or copies that broke off, error pages under the name of an image, or pictures too large.",
            fix="Replace or remove them; a training refuses them, or leaves them out with --skip-bad. Where they lie "
            "in few folders, those classes are now drawn from a part of their examples.",
        ),
    )  # fmt: skip


def kind_of(message: str) -> str:
    """In a word or two, what is wrong with the file that a message is about."""
    return next((kind for words, kind in KINDS.items() if words in message), "damaged")
