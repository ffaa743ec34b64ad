"""Past runs: where they lie, how they stand, how they compare, and why two of them differ."""
