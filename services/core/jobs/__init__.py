"""Paid work: the state table, the steps of a job and runs of a graph."""
