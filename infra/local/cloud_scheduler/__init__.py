"""Stand-in for Cloud Scheduler: the REST API v1 in front of cron jobs with HTTP targets.

Where it differs from the service: schedules are unix-cron only, Pub/Sub and App Engine targets answer 501, and retries that were waiting
when the process died are not made up for.
"""
