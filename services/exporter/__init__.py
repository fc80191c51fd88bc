"""The job that makes one film: an execution of Cloud Run's job `export`, which the worker starts."""
