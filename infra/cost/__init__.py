"""What a deployment costs a month, piece by piece: `make cost`. Prices have sources, guesses are in one table, the rest is counted."""
