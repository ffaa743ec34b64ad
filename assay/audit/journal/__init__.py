"""Append-only files of JSON lines: what people said, kept so that neither a kill nor two writers lose a line."""

from assay.audit.journal.append import append_line, check_appendable
from assay.audit.journal.fields import check_time, check_word, time_now
from assay.audit.journal.reading import Log, SetAside, read_lines

__all__ = ["Log", "SetAside", "append_line", "check_appendable", "check_time", "check_word", "read_lines", "time_now"]
