"""Runs that other systems start, by messages on a topic."""
