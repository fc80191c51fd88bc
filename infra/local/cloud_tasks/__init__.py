"""Stand-in for Cloud Tasks: the REST API v2 in front of queues that SQLite keeps and an asyncio loop dispatches.

Where it differs from the service: a deleted queue's name is free at once (there: after days), a redirect answer counts as a failure,
a new or idle queue dispatches at full rate (there: ramps up), and App Engine tasks, batches and queue-level HTTP targets answer 501.
"""
