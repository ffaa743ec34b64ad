"""Examples that are almost the same: searched for, told from coincidence, grouped across splits."""
