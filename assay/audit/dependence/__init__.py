"""Examples that hang together: in the order they lie in, or in groups that their names or a column tell."""
