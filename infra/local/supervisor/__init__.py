"""Starts everything Reelgraph consists of on one machine, keeps it running, and stops it.

`python -m infra.local.supervisor` is `make run`; `infra.local.supervisor.stack.LocalStack` is the same for tests and demos.
"""
