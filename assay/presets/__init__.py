"""Named recipes with provenance: the setting, who published it with what result, and what we changed."""
