"""Ground that every capability stands on: database, errors, clock, ids, logging."""
