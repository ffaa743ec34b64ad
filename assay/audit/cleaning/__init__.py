"""Are the labels right? Networks and other models judge all of them out of fold; findings, a table, proposals."""

from assay.audit.cleaning.clean import PROPOSALS, TABLE, WORK, Cleaning, clean

__all__ = ["PROPOSALS", "TABLE", "WORK", "Cleaning", "clean"]
