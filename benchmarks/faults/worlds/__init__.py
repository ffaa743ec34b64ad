"""Where healthy programs are drawn: one file for each domain."""
