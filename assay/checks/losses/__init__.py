"""Strangers' losses: which they are, what they must be at the start, how low they go."""
