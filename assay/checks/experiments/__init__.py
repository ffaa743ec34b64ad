"""Measurements and short trainings on copies, which several checks look at."""
