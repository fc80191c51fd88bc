"""The command that came by a topic."""
