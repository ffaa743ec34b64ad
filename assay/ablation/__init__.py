"""Stage 4: which tricks pay on this data, by how much, and how sure we are."""
