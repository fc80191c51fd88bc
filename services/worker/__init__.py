"""The private service that Cloud Tasks, Cloud Scheduler and the functions call."""
