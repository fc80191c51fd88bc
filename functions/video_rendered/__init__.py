"""The event that a render exists."""
