"""From a file to tensors or to a table; knows nothing of tasks, options or splits."""
