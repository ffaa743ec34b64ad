"""The page: look at examples, judge labels, compare duplicates, measure a person, watch runs; on this machine alone."""
