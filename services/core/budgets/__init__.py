"""What work costs, what is reserved for it and what was paid."""
