"""The deployables of Reelgraph and the core they share."""
