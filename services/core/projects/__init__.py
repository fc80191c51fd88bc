"""Projects, their graphs and the log of what happened in them."""
