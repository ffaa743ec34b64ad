"""One file a tab: each makes a router whose pages ask the workspace what there is to show."""
