"""Commit, then tell: effects recorded with the change that caused them and delivered after it."""
