"""Runs, trials and decisions in a database: what is finished is found again, never recomputed."""
