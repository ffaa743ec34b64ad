r"""Paths as text that can be printed, stored and typed, and back.

    printable("cat/a\udcff.jpg")     = r"cat/a\xff.jpg"      a byte that is not UTF-8
    path_of(r"cat/a\xff.jpg")        = "cat/a\udcff.jpg"

A control character is written as its byte, too, and a backslash twice, so that no two paths give one text.

Source: PEP 383: Python keeps a byte of a name that it cannot decode as one half of a surrogate pair.
"""

from __future__ import annotations

import re

NOT_PRINTABLE = re.compile("[\x00-\x1f\x7f\udc80-\udcff\\\\]")
WRITTEN = re.compile(r"\\(\\|x[0-9a-f]{2})")


def printable(path: str) -> str:
    """The path with what cannot be printed written out; other paths are as they were."""
    return NOT_PRINTABLE.sub(lambda found: _written(found[0]), path)


def path_of(text: str) -> str:
    """The path that `printable` made this of."""
    return WRITTEN.sub(lambda found: "\\" if found[1] == "\\" else _read(int(found[1][1:], 16)), text)


def is_decoded(path: str) -> bool:
    """Whether all of the path's bytes are text in UTF-8."""
    return not re.search("[\udc80-\udcff]", path)


def sayable(message: str) -> str:
    """A message of a path whose bytes may not be text; all else stays as it is."""
    return re.sub("[\udc80-\udcff]", lambda found: _written(found[0]), message)


def _written(character: str) -> str:
    return "\\\\" if character == "\\" else f"\\x{ord(character) & 0xFF:02x}"


def _read(byte: int) -> str:
    return chr(byte if byte < 0x80 else 0xDC00 + byte)
