"""Stand-in for Cloud Storage (JSON and XML API) and for Eventarc's Cloud Storage triggers: bytes in files, everything else in SQLite."""
