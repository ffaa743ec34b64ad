"""One training: recipe, data and seed in, a run out; whole or in parts, and going on after a kill."""
