"""Database migrations; `python -m services.migrations` brings a database to the newest."""
