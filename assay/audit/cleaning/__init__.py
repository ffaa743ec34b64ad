"""Are the labels right? Networks and other models judge all of them out of fold; findings, a table, proposals."""

from assay.audit.cleaning.clean import ADDITIONS, PROPOSALS, TABLE, WORK, Cleaning, clean

__all__ = ["ADDITIONS", "PROPOSALS", "TABLE", "WORK", "Cleaning", "clean"]
