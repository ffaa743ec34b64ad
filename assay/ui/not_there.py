"""What an address asks for by number or name, and what does not exist: the answer is 404 in words."""

from __future__ import annotations


class NotThereError(LookupError):
    """No such row, question, run or report; the message says what there is, and what to do."""
