"""Where trainings are done: worker processes that lease them from the trials' database."""
