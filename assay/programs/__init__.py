"""Training programs of other frameworks, and of users' own functions, as the plain objects that checks take."""
